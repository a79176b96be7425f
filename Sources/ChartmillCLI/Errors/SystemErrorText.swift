internal import ChartmillModel
internal import ChartmillSystem
internal import Glibc

extension SystemError: ExplainedError {
  var exitStatus: ExitStatus {
    switch role {
    case .reading: isNotFound || isPermission ? .noInput : .inputOutput
    case .writing: .inputOutput
    case .creating: isNoSpace ? .inputOutput : .cannotCreate
    }
  }

  func explanation(_ context: ErrorContext) -> Explanation {
    switch role {
    case .reading: Explanation(text, inputAdvice(context))
    case .creating where !isNoSpace: creation
    case .writing, .creating: Explanation(text, outputAdvice(context))
    }
  }

  /// What failed, with the system's reason. The call is included unless the reason is clear without
  /// it.
  var text: String {
    let action =
      switch (call, role) {
      case ("mmap", _): "cannot reserve"
      case ("pthread_create", _): "cannot start"
      case (_, .reading): "cannot read"
      case (_, .writing): "cannot write"
      case (_, .creating) where isPermission && exists: "cannot open"
      case (_, .creating): "cannot create"
      }
    let tellsEnough = isNotFound || isPermission || isNoSpace || errno == EEXIST
    return "\(action) \(SafeText(path)): \(reason)" + (tellsEnough ? "" : " (\(call))")
  }

  private var exists: Bool { unsafe access(path, F_OK) == 0 }

  private var creation: Explanation {
    guard errno == ENOENT else { return Explanation(text, creationAdvice) }
    // The file, or the folder that it was to be made in, whichever the call names.
    let above = Path.folder(of: path) ?? "/"
    let isItself = call == "open" && (try? Folder.open(above)) != nil
    return Explanation(
      isItself
        ? "cannot create a file in \(SafeText(path)): the folder does not exist"
        : "cannot create \(SafeText(path)): the folder \(quoted(above)) does not exist",
      "Create it first: mkdir -p \(shellWord(isItself ? path : above))")
  }

  private func inputAdvice(_ context: ErrorContext) -> String? {
    if isNotFound { return "Check the name." }
    if isPermission { return "Give the account that runs chartmill permission to read it." }
    return limitAdvice ?? context.after("Check the disk that holds the file.")
  }

  private func outputAdvice(_ context: ErrorContext) -> String? {
    if isFileTooLarge {
      return context.after(
        "Raise the file size limit (ulimit -f), or use a file system that allows larger files.")
    }
    if isNoSpace {
      let room = context.makeRoom(
        in: [Path.folder(of: path) ?? path], spills: path.hasSuffix("/\(File.anonymousName)"))
      return context.after("\(room).")
    }
    return limitAdvice ?? context.after(nil)
  }

  private var creationAdvice: String? {
    if errno == ENOTDIR {
      return "Part of this path is a file instead of a folder: choose another path."
    }
    if errno == EEXIST {
      return "Something else already has that name: move it away, or choose another name."
    }
    if isPermission {
      return "Give the account that runs chartmill permission to write there, or choose another "
        + "folder."
    }
    return limitAdvice
  }

  /// Advice for a limit that the system sets for the process.
  private var limitAdvice: String? {
    if errno == EMFILE || errno == ENFILE {
      return "Raise the limit on open files (ulimit -n)."
    }
    if isNoMemory {
      return "Lower --memory, or raise the memory limit of the process (ulimit -v) or of its "
        + "container."
    }
    if call == "pthread_create" {
      return "Lower --threads, or raise the limit on processes (ulimit -u)."
    }
    return nil
  }
}

extension Interrupted: ExplainedError {
  var exitStatus: ExitStatus { signal == SIGINT ? .interrupted : .terminated }

  func explanation(_ context: ErrorContext) -> Explanation {
    let name = signal == SIGINT ? "SIGINT" : "SIGTERM"
    return Explanation("stopped by \(name)" + (context.outcome.map { "; \($0)" } ?? ""), nil)
  }
}
