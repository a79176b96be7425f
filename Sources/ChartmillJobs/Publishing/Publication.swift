package import ChartmillModel
package import ChartmillSystem
internal import Glibc

/// The files of one run on their way into the output folder: all of them appear, or none.
///
/// Files are written under temporary names in the folder itself and renamed when all are whole and
/// on disk. What a reader may rely on: **the outputs of a date are whole if and only if its
/// manifest is there** (and names their sizes and CRCs). So `commit` works in this order:
///
/// 1. fsync every staged file: nothing below can leave a name on bytes that are not on disk;
/// 2. give each old file a second, hidden name, to go back to;
/// 3. unlink the old manifest and fsync the folder: from here on nothing vouches for the date;
/// 4. rename the outputs over their final names and fsync the folder;
/// 5. rename the manifest and fsync the folder: the new outputs are whole, and said to be.
///
/// A failure in 1–5 puts every old file back, the manifest last. A kill or a power cut before 3
/// leaves the old outputs; after 5 the new ones; between them (microseconds of renames and two
/// fsyncs of a folder) each single file is whole, old or new, and the manifest is missing, so the
/// mixture is never vouched for; the next run of the date replaces it. Leftover hidden names are
/// removed by the next run in the folder, which knows by the kernel's lock that their run is dead.
///
/// Not for use from several threads at once; the staged files are. A publication is used up by its
/// commit.
package struct Publication: ~Copyable {
  private struct Staged {
    let name: String
    let temporary: String
    /// Nil once it is on disk and closed.
    var file: File?
  }

  private let folder: Folder
  /// Held until the publication goes away.
  private let lock: FolderLock
  private var staged: [Staged] = []

  /// Makes the folder (0755) if it is missing, locks it, and removes what dead runs left in it.
  ///
  /// Throws `FolderLocked` when another run has the folder, `SystemError` when it cannot be made or
  /// written in.
  package init(folder path: String, waits: Bool = false) throws {
    let folder = try Folder.openOrCreate(path, mode: 0o755)
    let lock = try FolderLock(folder, waits: waits)
    try TemporaryName.sweep(folder)
    self.folder = folder
    self.lock = lock
  }

  deinit {
    unlinkStaged()
  }

  /// Until another run left the folder.
  var waitedSeconds: Double { lock.waitedSeconds }

  /// A new empty file, 0644, that `commit` will publish as `name`. Each name once.
  package mutating func stage(_ name: String) throws -> File {
    precondition(!staged.contains { $0.name == name }, "\(name) is staged twice")
    let temporary = TemporaryName.make(for: name)
    let file = try File.create(temporary, in: folder, mode: 0o644)
    staged.append(Staged(name: name, temporary: temporary, file: file))
    return file
  }

  /// Writes a file that `commit` will publish as `name`, and closes it: so any number of them can
  /// be staged.
  mutating func stage<Result>(
    _ name: String, _ write: (File) throws -> Result
  ) throws -> Result {
    let file = try stage(name)
    let result = try write(file)
    try file.synchronize()
    staged[staged.count - 1].file = nil
    return result
  }

  /// Publishes every staged file, and last `manifestName`, which `manifest` writes once the others
  /// are on disk. After a failure the old files are where they were and the staged ones
  /// are gone.
  ///
  /// Cost: an fsync a file and three of the folder.
  ///
  /// - Parameter day: charts of that day which were not staged are removed then.
  package consuming func commit(
    manifestName: String, of day: Day? = nil, manifest writeManifest: (File) throws -> Void
  ) throws {
    let outputs = staged
    for output in outputs { try output.file?.synchronize() }
    let manifestFile = try stage(manifestName)
    try writeManifest(manifestFile)
    guard let manifest = staged.last else { return }
    var replaced = Replaced(folder)
    do {
      try manifestFile.synchronize()
      for file in outputs { try replaced.keep(file.name) }
      try replaced.keep(manifestName)
      if try folder.status(of: manifestName) != nil {
        try folder.unlink(manifestName)
        try folder.synchronize()
      }
      for output in outputs { try folder.rename(output.temporary, to: output.name) }
      try folder.synchronize()
      try folder.rename(manifest.temporary, to: manifestName)
      try folder.synchronize()
      replaced.forget()
    } catch {
      replaced.putBack()
      throw error
    }
    if let day { removeObsolete(of: day, published: Set(outputs.map(\.name))) }
  }

  /// Removes the charts of a day that its manifest does not name: those of another format or top, or
  /// what a run that was killed left of them. By the names in the folder, whatever an earlier
  /// manifest said. Also the report that was made of the charts before. What cannot be removed stays:
  /// no manifest names it.
  private func removeObsolete(of day: Day, published: Set<String>) {
    for name in (try? folder.names()) ?? [] {
      let isObsolete =
        (OutputNames.isChart(name, of: day) && !published.contains(name))
        || (name == OutputNames.report(day) && SideOutput.report.isOne(folder.path(of: name)))
      if isObsolete, (try? folder.status(of: name))??.isRegular == true { try? folder.unlink(name) }
    }
  }

  /// Unlinks what is staged, to begin again.
  package mutating func abandon() {
    unlinkStaged()
    staged = []
  }

  private func unlinkStaged() {
    for file in staged {
      // After a rename the temporary name is gone; a failure leaves a leftover for the next run.
      try? folder.unlink(file.temporary)
    }
  }
}

/// The files a commit replaces, under second names until it is through.
private struct Replaced {
  private let folder: Folder
  /// In the order they were kept. `second` is nil when there was no such file before.
  private var files: [(name: String, second: String?)] = []
  /// False on a file system without links: a failure then leaves the date without a manifest.
  private var canKeep = true

  init(_ folder: Folder) {
    self.folder = folder
  }

  mutating func keep(_ name: String) throws(SystemError) {
    guard let status = try folder.status(of: name) else {
      files.append((name, nil))
      return
    }
    // A folder or a device under the name of an output: renaming over it must not happen.
    guard status.isRegular else {
      throw SystemError("rename", folder.path(of: name), .writing, errno: EEXIST)
    }
    let second = TemporaryName.make(for: name)
    do {
      try folder.link(name, as: second)
      files.append((name, second))
    } catch let error where [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(error.errno) {
      canKeep = false
    }
  }

  /// As well as it goes: the error that led here is the one to report.
  func putBack() {
    if canKeep {
      for (name, second) in files {
        if let second {
          try? folder.rename(second, to: name)
        } else {
          try? folder.unlink(name)
        }
      }
    }
    // Renaming one name of a file over another of the same file does nothing: unlink what is left.
    forget()
    try? folder.synchronize()
  }

  func forget() {
    for case (_, let second?) in files { try? folder.unlink(second) }
  }
}
