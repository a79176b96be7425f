internal import ChartmillModel
internal import ChartmillSystem
internal import Glibc

/// Writes `listen-YYYYMMDD.log` files that look like a music service's archive, for tests,
/// measurements and demonstrations.
///
/// The popularity of songs is Zipf-like. Half of a user's streams are from a small set of
/// favorites. Some users are much more active than others. Users live in one country and travel
/// rarely. The rows of all users are mixed.
package struct LogSynthesizer: Sendable {
  package let configuration: SynthConfiguration

  /// - Precondition: users and songs are 1 … 2^31, days at least 1, rows and bad rows at least 0.
  package init(_ configuration: SynthConfiguration) {
    self.configuration = configuration
  }

  /// The number of rows between two checks of `StopRequest`. Writing them takes a few hundred
  /// microseconds.
  private static let rowsPerCheck = 4096

  /// Writes the logs of all days, with one thread per processor. The contents of a log depend only
  /// on the configuration and its date. Logs that were complete before a failure or a signal stay;
  /// incomplete ones are removed.
  ///
  /// Memory: about 3 MiB per thread.
  ///
  /// - Throws: `LogExistsError` before anything is written; `SystemError`; `Interrupted`.
  package func run() throws {
    _ = try Day.days(configuration.days, endingWith: configuration.lastDay)
    if unsafe mkdir(configuration.outputFolder, 0o777) != 0, errno != EEXIST {
      throw SystemError("mkdir", configuration.outputFolder, .creating)
    }
    for day in days where existsAlready(path(of: day)) {
      throw LogExistsError(path: path(of: day))
    }
    let model = ListenerModel(
      users: configuration.users, songs: configuration.songs,
      hasWideIDs: configuration.hasWideIDs, seed: configuration.seed)
    let queue = DayQueue(days: days)
    let write: @Sendable () -> Void = {
      while let day = queue.next() {
        do {
          try writeLog(of: day, model)
        } catch {
          queue.fail(error)
        }
      }
    }
    let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let helpers = (1..<max(2, min(configuration.days, processors))).compactMap { _ in
      Helper(write)
    }
    write()
    for helper in helpers { helper.join() }
    if let error = queue.failure { throw error }
  }

  private var days: [Day] {
    (1 - configuration.days...0).map(configuration.lastDay.advanced(by:))
  }

  private func path(of day: Day) -> String {
    "\(configuration.outputFolder)/listen-\(day).log\(configuration.gzip ? ".gz" : "")"
  }

  private func existsAlready(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  private func writeLog(of day: Day, _ model: ListenerModel) throws {
    let log = try DayLogFile(path: path(of: day), gzip: configuration.gzip)
    var rowsLeft = configuration.rowsPerDay
    var random = RandomStream(
      seed: splitMix(configuration.seed, step: UInt64(bitPattern: Int64(day.daysSinceEpoch))))
    while rowsLeft > 0 {
      try StopRequest.check()
      let count = min(rowsLeft, Self.rowsPerCheck)
      try writeRows(count, model, &random, to: log)

      rowsLeft -= count
    }
    try log.finish()
  }

  private func writeRows(
    _ count: Int, _ model: ListenerModel, _ random: inout RandomStream, to log: DayLogFile
  ) throws(SystemError) {
    let codes = CountryWeights.codes
    let letters = codes.map { code in
      code.utf8.reversed().reduce(UInt16(0)) { $0 << 8 | UInt16($1) }
    }
    let million: UInt64 = 1_000_000
    let oddLimit = UInt64(min(max(configuration.badRowsPerMillion, 0), 1_000_000))
    for _ in 0..<count {
      let row = model.nextRow(from: &random)
      // Multiply and shift instead of a remainder (Lemire, "Fast Random Integer Generation in an
      // Interval", 2019).
      if random.next().multipliedFullWidth(by: million).high < oddLimit {
        let kind = OddRow.allCases[Int(random.next() % UInt64(OddRow.allCases.count))]
        try log.append(
          line: kind.line(
            song: row.song, user: row.user, country: codes[row.country], random: &random))
      } else {
        try log.append(song: row.song, user: row.user, country: letters[row.country])
      }
    }
  }
}

/// The days that are not written yet, and the first failure. After a failure, no further day is
/// handed out.
private final class DayQueue: Sendable {
  private let state: Locked<(days: [Day], failure: (any Error)?)>

  init(days: [Day]) {
    state = Locked((days: days.reversed(), failure: nil))
  }

  func next() -> Day? {
    state.withLock { $0.failure == nil ? $0.days.popLast() : nil }
  }

  func fail(_ error: any Error) {
    state.withLock { $0.failure = $0.failure ?? error }
  }

  var failure: (any Error)? {
    state.withLock(\.failure)
  }
}

/// A thread that runs one closure to its end.
private struct Helper {
  private let thread: pthread_t

  /// Nil if the system has no more threads. The caller then has fewer helpers.
  init?(_ work: @escaping @Sendable () -> Void) {
    final class Box {
      let work: @Sendable () -> Void
      init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    let box = unsafe Unmanaged.passRetained(Box(work))
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().work()
        return nil
      }, unsafe box.toOpaque())
    guard status == 0 else {
      unsafe box.release()
      return nil
    }
    self.thread = thread
  }

  func join() {
    pthread_join(thread, nil)
  }
}
