internal import ChartmillCore
internal import ChartmillModel
internal import ChartmillSystem

/// A log that `check` has read to its end.
struct CheckedLog: Sendable {
  let log: LogFile
  let reading: Manifest.Input.Reading
  /// The counts without `--repair`. The counts by repair rule are of the bad rows that `--repair`
  /// would repair.
  let tally: RejectTally

  /// Reads a log, and counts its rows, users and countries.
  ///
  /// Time: the time to decompress and parse the log, plus a few ns per row. Memory: less than 1
  /// MiB, for a `TextReader`, a chunk and a batch.
  ///
  /// - Throws: what `TextReader` throws, and `Interrupted`.
  static func read(
    _ log: LogFile, countries: CountryList
  ) throws -> (log: CheckedLog, audience: Audience) {
    let parser = RowParser(countries: countries, countsRepairable: true)
    let text = try TextReader(log)
    let chunks = LogChunks(text)
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: LogChunks.chunkBytes, alignment: 64)
    let batchMemory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: RowBatch.byteCount, alignment: 64)
    defer {
      unsafe memory.deallocate()
      unsafe batchMemory.deallocate()
    }
    var batch = unsafe RowBatch(batchMemory)
    var tally = RejectTally()
    var audience = Audience()
    while let chunk = try unsafe chunks.next(into: memory) {
      try StopRequest.check()
      var offset = 0
      var line = chunk.firstLine
      while unsafe offset < chunk.text.count {
        batch.removeAll()
        unsafe parser.parse(
          chunk.text, from: &offset, firstLine: &line, into: &batch, tally: &tally)
        audience.add(batch)
      }
    }
    let reading = Manifest.Input.Reading(
      isGzip: text.isGzip, hasTrailingBytes: text.hasTrailingBytes)
    return (CheckedLog(log: log, reading: reading, tally: tally), audience)
  }
}
