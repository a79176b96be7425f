extension JobConfiguration {
  /// Bytes. Below it the fixed parts (runtime, stacks, gzip states, the buffers of a sort) leave
  /// too little for rows.
  public static let leastMemory = 32 << 20

  /// Bytes, where no lower limit is set to the process.
  public static let defaultMemory = 256 << 20

  /// Calendar days of a window. Ten years: a bound on what a mistyped number can ask for.
  public static let daysRange = 1...3660

  /// Songs a chart.
  public static let topRange = 1...1000

  /// Powers of two within it.
  public static let partitionsRange = 1...1024

  /// Worker threads.
  public static let threadsRange = 1...1024
}
