import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A file system of the tests that behaves like an object store, with the scheme `store:`.
 *
 * <p>Its keys are files of the local folder `fs.store.root`; a slash of a key is `%2F` in the name of its
 * file. An object appears when its writer closes it, and two writers may both believe that their object
 * is new. A folder exists if it has an object, or a mark of its own. Lists lag behind by `fs.store.lag` milliseconds:
 * they miss new objects and name removed ones. A rename copies objects, fails half-way, and is written
 * to the file `renames` in `fs.store.root`. Nothing can be appended.
 */
public class ObjectStore extends FileSystem {
  private static final String RENAMES = "renames";
  private static final String REMOVED = "removed ";
  private static final String WRITTEN = "written ";
  private static final String FOLDER = "folder ";

  private URI uri;
  private java.nio.file.Path root;
  private long lag;

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(name, configuration);
    uri = URI.create(name.getScheme() + "://" + name.getAuthority());
    root = Paths.get(configuration.get("fs.store.root"));
    lag = configuration.getLong("fs.store.lag", 3000);
    setConf(configuration);
  }

  @Override
  public String getScheme() {
    return "store";
  }

  @Override
  public URI getUri() {
    return uri;
  }

  private static String key(Path path) {
    return path.toUri().getPath().substring(1);
  }

  private java.nio.file.Path file(String key) {
    return root.resolve(key.replace("/", "%2F"));
  }

  private java.nio.file.Path mark(String key) {
    return root.resolve(FOLDER + key.replace("/", "%2F"));
  }

  /** The keys that begin with `prefix`, with the times at which they were written or removed. */
  private Map<String, Long> keys(String prefix, String mark) throws IOException {
    Map<String, Long> keys = new HashMap<>();
    try (Stream<java.nio.file.Path> files = Files.list(root)) {
      for (java.nio.file.Path file : files.collect(Collectors.toList())) {
        String name = file.getFileName().toString();
        boolean isObject = Stream.of(REMOVED, WRITTEN, FOLDER, RENAMES).noneMatch(name::startsWith);
        if (mark.isEmpty() ? !isObject : !name.startsWith(mark)) {
          continue;
        }
        String key = name.substring(mark.length()).replace("%2F", "/");
        try {
          if (key.startsWith(prefix)) {
            keys.put(key, Files.getLastModifiedTime(file).toMillis());
          }
        } catch (java.nio.file.NoSuchFileException gone) {
          continue;
        }
      }
    }
    return keys;
  }

  @Override
  public FSDataOutputStream create(
      Path path, FsPermission permission, boolean overwrite, int bufferSize, short replication,
      long blockSize, Progressable progress) throws IOException {
    if (!overwrite && Files.exists(file(key(path)))) {
      throw new FileAlreadyExistsException(path.toString());
    }
    java.nio.file.Path written = root.resolve(WRITTEN + UUID.randomUUID());
    OutputStream output = new FileOutputStream(written.toFile()) {
      private boolean isClosed = false;

      @Override
      public void close() throws IOException {
        if (isClosed) {
          return;
        }
        isClosed = true;
        super.close();
        Files.move(written, file(key(path)), StandardCopyOption.ATOMIC_MOVE);
      }
    };
    return new FSDataOutputStream(output, null);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new UnsupportedOperationException("append");
  }

  @Override
  public boolean rename(Path source, Path target) throws IOException {
    String line = source + " to " + target + "\n";
    try (OutputStream renames = new FileOutputStream(root.resolve(RENAMES).toFile(), true)) {
      renames.write(line.getBytes(StandardCharsets.UTF_8));
    }
    List<String> keys = new ArrayList<>(keys(key(source), "").keySet());
    for (String key : keys.subList(0, (keys.size() + 1) / 2)) {
      String copy = key(target) + key.substring(key(source).length());
      Files.copy(file(key), file(copy), StandardCopyOption.REPLACE_EXISTING);
    }
    throw new IOException("the rename failed half-way");
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    List<String> keys = new ArrayList<>(keys(key(path) + "/", "").keySet());
    keys.add(key(path));
    boolean isAny = Files.deleteIfExists(mark(key(path)));
    for (String key : keys(key(path) + "/", FOLDER).keySet()) {
      Files.deleteIfExists(mark(key));
    }
    for (String key : keys) {
      if (Files.deleteIfExists(file(key))) {
        isAny = true;
        Files.write(root.resolve(REMOVED + key.replace("/", "%2F")), new byte[0]);
      }
    }
    return isAny;
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    if (Files.exists(file(key(path)))) {
      return new FileStatus[] {getFileStatus(path)};
    }
    String prefix = key(path).isEmpty() ? "" : key(path) + "/";
    long now = System.currentTimeMillis();
    Map<String, Long> keys = keys(prefix, "");
    keys.values().removeIf(written -> written > now - lag);
    Map<String, Long> removed = keys(prefix, REMOVED);
    removed.values().removeIf(time -> time <= now - lag);
    removed.forEach(keys::putIfAbsent);
    Map<String, FileStatus> statuses = new HashMap<>();
    for (String key : keys.keySet()) {
      String name = key.substring(prefix.length());
      int slash = name.indexOf('/');
      if (slash < 0) {
        statuses.put(name, status(new Path(path, name), file(key)));
      } else {
        String folder = name.substring(0, slash);
        statuses.put(folder, folderStatus(new Path(path, folder)));
      }
    }
    if (statuses.isEmpty() && keys(prefix, "").isEmpty()) {
      throw new FileNotFoundException(path.toString());
    }
    return statuses.values().stream()
        .sorted(Comparator.comparing(FileStatus::getPath)).toArray(FileStatus[]::new);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    java.nio.file.Path file = file(key(path));
    if (!key(path).isEmpty() && Files.exists(file)) {
      return status(path, file);
    }
    if (key(path).isEmpty() || Files.exists(mark(key(path))) || !keys(key(path) + "/", "").isEmpty()) {
      return folderStatus(path);
    }
    throw new FileNotFoundException(path.toString());
  }

  /** The status of an object, which may be gone although a list names it. */
  private FileStatus status(Path path, java.nio.file.Path file) throws IOException {
    boolean isThere = Files.exists(file);
    long size = isThere ? Files.size(file) : 0;
    long time = isThere ? Files.getLastModifiedTime(file).toMillis() : 0;
    return new FileStatus(size, false, 1, 1 << 20, time, makeQualified(path));
  }

  private FileStatus folderStatus(Path path) {
    return new FileStatus(0, true, 1, 0, 0, makeQualified(path));
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    java.nio.file.Path file = file(key(path));
    if (!Files.exists(file)) {
      throw new FileNotFoundException(path.toString());
    }
    return new FSDataInputStream(new Input(new RandomAccessFile(file.toFile(), "r")));
  }

  private static class Input extends FSInputStream {
    private final RandomAccessFile file;

    Input(RandomAccessFile file) {
      this.file = file;
    }

    @Override
    public int read() throws IOException {
      return file.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return file.read(bytes, offset, length);
    }

    @Override
    public void seek(long offset) throws IOException {
      file.seek(offset);
    }

    @Override
    public long getPos() throws IOException {
      return file.getFilePointer();
    }

    @Override
    public boolean seekToNewSource(long offset) {
      return false;
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    Files.write(mark(key(path)), new byte[0]);
    return true;
  }

  @Override
  public void setWorkingDirectory(Path path) {}

  @Override
  public Path getWorkingDirectory() {
    return new Path(uri + "/");
  }
}
