/// Why a job ended without charts. Typed facts only: the command renders them and picks the exit
/// code (`exitCode` gives the class).
public enum JobError: Error, Sendable, Equatable {
  /// A system call failed while reading a log.
  case input(SystemError)
  /// A system call failed while writing spills, outputs or state.
  case output(SystemError)
  /// The output or spill folder cannot be made or written in.
  case cannotCreate(SystemError)
  /// `overlooked` are names in the folder that may have been meant as logs.
  case noLogs(folder: String, window: ClosedRange<Day>?, overlooked: [OverlookedNames] = [])
  /// There are no logs in the folder, but published charts: two folders were swapped.
  case chartsInsteadOfLogs(folder: String)
  /// A file was named as the folder of logs.
  case notAFolder(path: String)
  /// The last day of the window has neither a log nor a kept digest.
  case noLogOfLastDay(Day, folder: String)
  /// Backfill left out so many dates that have no log of their own; `first` are the first of them.
  case skippedDates(count: Int, first: [Day])
  /// A window that begins before the calendar does.
  case windowBeforeCalendar(last: Day, days: Int)
  /// A file of the explicit list whose name carries no date, when no `--date` helps.
  case undatedLog(path: String)
  case notARegularFile(path: String)
  /// The same date twice: it would count twice.
  case duplicateDay(Day, paths: [String])
  case missingDays([Day])
  /// All days are required, and these have logs without an accepted row.
  case daysWithoutRows([Day])
  /// No row of the window was accepted; `rejected` rows were not.
  case noAcceptedRows(ClosedRange<Day>, rejected: Int)
  case corruptGzip(path: String, offset: Int, problem: GzipProblem)
  /// A log whose first bytes are those of another format than rows.
  case notText(path: String, LogFormat.Finding)
  /// Standard input ended before its first byte.
  case nothingRead(path: String)
  /// Size or modification time differ between opening and the end of reading.
  case changedWhileRead(path: String)
  case tooManyBadRows(BadDay)
  /// A file to write has the name of a log, a chart or a kept digest, or is one of the logs.
  case reservedName(path: String, OwnFile)
  /// A file to write would replace one that this program did not make for that purpose.
  case notOwnFile(path: String, OwnFile)
  /// `--countries FILE`: a line that is no code, or more than 256 codes.
  case countryFile(path: String, line: Int, problem: String)
  /// The budget is below what the job needs; both in bytes.
  case memoryTooSmall(budget: Int, least: Int)
  /// A spill file does not hold what was written to it.
  case corruptSpill(path: String, offset: Int)
  /// Another run has the lock file at `path`; `holder` is the process id written in it, or empty.
  case locked(path: String, holder: String)
  /// The job is estimated to need more room than there is; nothing was written.
  case diskTooSmall(DiskNeed)
  /// Spill files would go beyond `--spill-limit`, in bytes.
  case spillLimit(Int)
  /// A kept digest cannot serve, and its log is not there to digest again.
  case unusableDigest(path: String, DigestNotice.Kind)
  /// The state and the output folder are one: each has a lock of the same name.
  case stateIsOutput(path: String)
  /// `synth` never writes over a log.
  case logExists(path: String)
  /// A state folder without a kept digest in it.
  case noDigests(folder: String)
  /// A kept digest that `state` found damaged.
  case damagedDigest(path: String)
  /// Frames on standard input that this command cannot use; `offset` is that of the frame.
  case frames(FrameProblem, offset: Int)
  /// What the machines of an engine made does not make a whole.
  case parts(PartsProblem)
  case interrupted(signal: Int32)

  /// Runs `body`, whose system calls write; a failure becomes `.output`.
  static func writing<Result>(_ body: () throws(SystemError) -> Result) throws(JobError) -> Result {
    do {
      return try body()
    } catch {
      throw .output(error)
    }
  }

  /// A file or folder that could not be made: a full disk is a failure of output, the rest is a
  /// place that cannot be written in.
  static func creating(_ error: SystemError) -> JobError {
    error.isNoSpace ? .output(error) : .cannotCreate(error)
  }

  /// The exit code of sysexits(3) that the command ends with.
  public var exitCode: Int32 {
    switch self {
    case .memoryTooSmall, .stateIsOutput, .reservedName, .windowBeforeCalendar: 64
    case .corruptGzip, .notText, .nothingRead, .tooManyBadRows, .duplicateDay, .undatedLog,
      .missingDays, .daysWithoutRows, .noAcceptedRows, .changedWhileRead, .countryFile:
      65
    case .noLogs, .notARegularFile, .chartsInsteadOfLogs, .notAFolder, .noLogOfLastDay,
      .skippedDates, .noDigests:
      66
    case .input(let error): error.isNotFound || error.isPermission ? 66 : 74
    case .corruptSpill, .spillLimit, .diskTooSmall: 74
    case .unusableDigest, .damagedDigest, .frames, .parts: 65
    case .cannotCreate, .notOwnFile, .logExists: 73
    case .output: 74
    case .locked: 75
    case .interrupted(let signal): 128 + signal
    }
  }
}

/// What is wrong with a gzip file.
public enum GzipProblem: Sendable, Equatable {
  case truncated
  case badHeader
  case corruptData
  case checksumMismatch
  case lengthMismatch
}
