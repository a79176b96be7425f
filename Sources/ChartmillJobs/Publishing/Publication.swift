package import ChartmillModel
package import ChartmillSystem
internal import Glibc

/// Publishes the files of one run in the output folder: all of them, or none.
///
/// Files are written under temporary names in the folder itself, and renamed when all are complete
/// and on disk. A reader may rely on this: **the outputs of a date are complete if and only if its
/// manifest exists.** The manifest has their sizes and CRCs. So `commit` works in this order:
///
/// 1. fsync every staged file, so that no final name refers to bytes that are not on disk;
/// 2. give each old file a second, hidden name, to be restored from;
/// 3. unlink the old manifest and fsync the folder, so that the date has no manifest;
/// 4. rename the outputs to their final names and fsync the folder;
/// 5. rename the manifest to its final name and fsync the folder.
///
/// A failure in steps 1–5 restores every old file, the manifest last. A kill or a power cut before
/// step 3 leaves the old outputs, and after step 5 the new ones. In between, each file is complete,
/// old or new, and the manifest is missing. This lasts as long as the renames, which take
/// microseconds, and two fsyncs of the folder. The next run of the date replaces such a mixture.
/// The next run in the folder also removes leftover hidden names: it holds the lock of the folder,
/// so the run that made them is dead.
///
/// One thread at a time may use a publication; several threads may write its staged files.
package struct Publication: ~Copyable {
  private struct Staged {
    let name: String
    let temporary: String
    /// Nil once the file is on disk and closed.
    var file: File?
  }

  private let folder: Folder
  /// Held until the publication is released.
  private let lock: FolderLock
  private var staged: [Staged] = []

  /// Creates the folder (mode 0755) if it is missing, locks it, and removes the temporary files of
  /// dead processes.
  ///
  /// - Throws: `FolderLocked` if another process has locked the folder and `waits` is false;
  ///   `Interrupted`; `SystemError` if the folder cannot be created or written.
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

  /// The seconds that `init` waited for the lock.
  var waitedSeconds: Double { lock.waitedSeconds }

  /// Creates an empty file (mode 0644) that `commit` will publish as `name`.
  ///
  /// - Precondition: no file is staged under that name.
  package mutating func stage(_ name: String) throws -> File {
    precondition(!staged.contains { $0.name == name }, "\(name) is staged twice")
    let temporary = TemporaryName.make(for: name)
    let file = try File.create(temporary, in: folder, mode: 0o644)
    staged.append(Staged(name: name, temporary: temporary, file: file))
    return file
  }

  /// Writes a file that `commit` will publish as `name`, and closes it, so that the number of
  /// staged files is not limited by the number of descriptors.
  mutating func stage<Result>(
    _ name: String, _ write: (File) throws -> Result
  ) throws -> Result {
    let file = try stage(name)
    let result = try write(file)
    try file.synchronize()
    staged[staged.count - 1].file = nil
    return result
  }

  /// Publishes every staged file, and then the file `manifestName`. After a failure the old files
  /// are restored, and the staged files are removed.
  ///
  /// Cost: one fsync per file, and three of the folder.
  ///
  /// - Parameters:
  ///   - day: charts of that day that were not staged are removed; nil removes none.
  ///   - writeManifest: writes the manifest, once the other files are on disk.
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

  /// Removes the charts of a day that its new manifest does not name, because they have a different
  /// format or `top`, or because a Spark job made them. Also removes the report of the old charts.
  /// The names in the folder are searched for them.
  ///
  /// A file that cannot be removed stays, but no manifest names it.
  private func removeObsolete(of day: Day, published: Set<String>) {
    let names = (try? folder.names()) ?? []
    for name in names {
      let isObsolete =
        (OutputNames.isChart(name, of: day) && !published.contains(name))
        || (name == OutputNames.report(day) && SideOutput.report.isOne(folder.path(of: name)))
      if isObsolete, (try? folder.status(of: name))??.isRegular == true { try? folder.unlink(name) }
    }
    if names.contains(OutputNames.parts(day)) { try? ObsoleteParts.remove(of: day, in: folder) }
  }

  /// Removes the staged files, so that they can be staged again.
  package mutating func abandon() {
    unlinkStaged()
    staged = []
  }

  private func unlinkStaged() {
    for file in staged {
      // After a rename, the temporary name no longer exists. If unlinking fails, the next run
      // removes the file.
      try? folder.unlink(file.temporary)
    }
  }
}

/// Keeps the files that a commit replaces under second names, until the commit has succeeded.
private struct Replaced {
  private let folder: Folder
  /// The files in the order of `keep`. `second` is nil if there was no file with that name.
  private var files: [(name: String, second: String?)] = []
  /// False on a file system without links. A failure then leaves the date without a manifest.
  private var canKeep = true

  init(_ folder: Folder) {
    self.folder = folder
  }

  /// Gives the file `name` a second name, if it exists.
  mutating func keep(_ name: String) throws(SystemError) {
    guard let status = try folder.status(of: name) else {
      files.append((name, nil))
      return
    }
    // A rename must not replace a folder or a device that has the name of an output.
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

  /// Restores the old files as far as possible. Errors are ignored, because the caller reports the
  /// error that made this necessary.
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
    // A rename does nothing if both names belong to the same file, so second names may remain.
    forget()
    try? folder.synchronize()
  }

  /// Removes the second names.
  func forget() {
    for case (_, let second?) in files { try? folder.unlink(second) }
  }
}
