package import ChartmillSystem

extension JobConfiguration {
  /// Bytes. Below it the fixed parts (runtime, stacks, gzip states, the buffers of a sort) leave
  /// too little for rows.
  package static let leastMemory = 32 << 20

  /// Bytes, where no lower limit is set to the process.
  package static let defaultMemory = 256 << 20

  /// Calendar days of a window. Ten years: a bound on what a mistyped number can ask for.
  package static let daysRange = 1...3660

  /// Songs a chart.
  package static let topRange = 1...1000

  /// Powers of two within it.
  package static let partitionsRange = 1...1024

  /// Worker threads.
  package static let threadsRange = 1...1024
}

extension ResourceLimits {
  /// The memory to take when nobody said how much: the usual budget, or three quarters of a lower
  /// limit, since the files that a process reads and writes count for it too.
  package var defaultMemory: Int {
    guard let memory else { return JobConfiguration.defaultMemory }
    return min(
      JobConfiguration.defaultMemory,
      max(JobConfiguration.leastMemory, memory.byteCount / 4 * 3))
  }
}
