internal import Glibc

/// A log on disk, as found: nothing of it has been read.
struct LogFile: Sendable, Equatable {
  let path: String
  /// The last component of `path`.
  let name: String
  /// The date the name carries.
  let day: Day?
  /// As it is stored; of standard input known when it was read.
  var byteCount: Int
  /// Modification time in nanoseconds since 1970.
  let modifiedNanoseconds: Int64
  /// Device and inode name the file behind links.
  let device: UInt64
  let inode: UInt64
  /// No file, but what the process reads.
  let isStandardInput: Bool
  /// False for standard input of which a run would publish that the day had no rows: nothing at all
  /// comes from a command that failed.
  let mayBeEmpty: Bool

  /// What names standard input among files; `./-` is a file of that name.
  static let standardInputPath = "-"

  /// By name; the reader looks at the content.
  var isGzip: Bool { name.hasSuffix(".gz") }

  var stem: String { LogName.stem(of: name) }

  /// Looks at the file; links are followed, fifos are not waited for.
  ///
  /// Throws `notARegularFile`, or `input` if there is nothing to look at.
  init(path: String) throws(JobError) {
    var raw = stat()
    do throws(SystemError) {
      _ = try File.retryingInterrupts("stat", path) { stat(path, &raw) }
    } catch {
      throw .input(error)
    }
    guard raw.st_mode & S_IFMT == S_IFREG else { throw .notARegularFile(path: path) }
    self.path = path
    name = LogName.last(of: path)
    day = LogName.day(of: name)
    isStandardInput = false
    mayBeEmpty = true
    byteCount = Int(raw.st_size)
    modifiedNanoseconds =
      Int64(raw.st_mtim.tv_sec) * 1_000_000_000 + Int64(raw.st_mtim.tv_nsec)
    device = UInt64(raw.st_dev)
    inode = UInt64(raw.st_ino)
  }

  /// A log that comes by standard input. Errors name it by `path`, which may be a URI.
  init(standardInputNamed path: String, mayBeEmpty: Bool = true) {
    self.mayBeEmpty = mayBeEmpty
    self.path = path
    name = LogName.last(of: path)
    day = LogName.day(of: name)
    isStandardInput = true
    byteCount = 0
    modifiedNanoseconds = 0
    device = 0
    inode = 0
  }

  /// By the bytes of the names, then of the paths: the same in every locale.
  static func precedes(_ left: LogFile, _ right: LogFile) -> Bool {
    if left.name.utf8.elementsEqual(right.name.utf8) {
      return left.path.utf8.lexicographicallyPrecedes(right.path.utf8)
    }
    return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }
}

/// The logs of one date: one file, or several parts with different stems.
struct DayLogs: Sendable, Equatable {
  let day: Day
  /// By name. Empty only for a day whose kept digest has outlived its logs.
  var files: [LogFile]

  var isStandardInput: Bool { files.contains { $0.isStandardInput } }

  /// Of all its logs, as they are stored.
  var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
}

/// What a log is called: `listen-YYYYMMDD.log`, or `listen-YYYYMMDD-PART.log` for a day in several
/// files, each with or without `.gz`. PART is anything printable, in UTF-8.
enum LogName {
  /// The last component of a path.
  static func last(of path: String) -> String {
    path.utf8.split(separator: 47).last.map { String(Substring($0)) } ?? path
  }

  /// The name without `.log`, `.gz` or `.log.gz`: two files of one stem are the same log twice.
  static func stem(of name: String) -> String {
    var stem = Substring(name)
    if stem.hasSuffix(".gz") { stem = stem.dropLast(3) }
    if stem.hasSuffix(".log") { stem = stem.dropLast(4) }
    return String(stem)
  }

  /// Nil when the name is no log's, or its date does not exist.
  static func day(of name: String) -> Day? {
    var rest = Substring(name)
    guard rest.hasPrefix("listen-"), rest.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
      return nil
    }
    rest = rest.dropFirst(7)
    if rest.hasSuffix(".gz") { rest = rest.dropLast(3) }
    guard rest.hasSuffix(".log") else { return nil }
    let bytes = rest.dropLast(4).utf8
    let part = bytes.dropFirst(8)
    guard part.isEmpty || (part.first == 45 && part.count > 1) else { return nil }
    return Day(yyyymmdd: String(decoding: bytes.prefix(8), as: UTF8.self))
  }
}

/// A folder of logs.
enum LogFolder {
  /// The logs of a folder by name; entries called anything else are ignored.
  ///
  /// Memory grows with the number of logs, not of entries. Throws `input` if the folder or a log
  /// cannot be looked at (a dangling link), `notARegularFile` for a log that is a folder, a fifo …
  static func logs(in folder: String) throws(JobError) -> [LogFile] {
    let names: [String]
    do throws(SystemError) {
      names = try logNames(in: folder)
    } catch {
      throw .input(error)
    }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    var logs: [LogFile] = []
    for name in names { logs.append(try LogFile(path: prefix + name)) }
    return logs.sorted(by: LogFile.precedes)
  }

  private static func logNames(in folder: String) throws(SystemError) -> [String] {
    guard let stream = opendir(folder) else { throw SystemError("opendir", folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      if let name, LogName.day(of: name) != nil { names.append(name) }
    }
    if errno != 0 { throw SystemError("readdir", folder) }
    return names
  }
}
