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
    case .creating where !isNoSpace: Explanation("cannot create: \(text)", creationAdvice)
    case .writing, .creating: Explanation(text, outputAdvice(context))
    }
  }

  /// The file, the call and the system's reason.
  var text: String { "\(SafeText(path)): \(call): \(reason)" }

  private func inputAdvice(_ context: ErrorContext) -> String? {
    if isNotFound { return "Check the name." }
    if isPermission { return "Let this user read it." }
    return limitAdvice ?? context.after("Check the disk it is on.")
  }

  private func outputAdvice(_ context: ErrorContext) -> String? {
    if isFileTooLarge {
      return context.after(
        "Raise the limit of the size of a file (ulimit -f), or use a file system that takes larger "
          + "ones.")
    }
    if isNoSpace { return context.after("\(context.makeRoom).") }
    return limitAdvice ?? context.after(nil)
  }

  private var creationAdvice: String? {
    if errno == ENOENT { return "Make the folder above it first." }
    if errno == ENOTDIR { return "A file is in its place: choose another folder." }
    if errno == EEXIST {
      return "The name is taken by something else: move that away, or choose another folder."
    }
    if isPermission { return "Let this user write there, or choose another folder." }
    return limitAdvice
  }

  /// Advice for a limit that the system sets for the process.
  private var limitAdvice: String? {
    if errno == EMFILE || errno == ENFILE {
      return "Raise the limit of open files (ulimit -n)."
    }
    if isNoMemory {
      return "Lower --memory, or raise the limit of the process (ulimit -v, or its container's)."
    }
    if call == "pthread_create" {
      return "Lower --threads, or raise the limit of processes (ulimit -u)."
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
