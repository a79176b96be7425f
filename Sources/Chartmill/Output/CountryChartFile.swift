/// `country_topN_YYYYMMDD.txt`, a chart a country, by code; or one country's chart in a file of
/// its own.
enum CountryChartFile {
  /// Memory: some hundred KiB.
  static func write(
    _ charts: [(country: UInt8, chart: TopSongs)], codes: CountryList, top: Int,
    as encoding: ChartEncoding, to file: File, spillFolder: String
  ) throws(JobError) -> PartitionedOutput.Written {
    let mostEntryBytes = encoding.format.mostChartBytes(top: top)
    let capacity = PartWriter.leastCapacity(mostEntryBytes: mostEntryBytes)
    let slab = try JobError.writing { () throws(SystemError) in
      try Slab(byteCount: capacity + 4096)
    }
    let output = PartitionedOutput(files: [file], partitions: 1)
    var part = PartWriter(
      output, slab: slab, capacities: [capacity], mostEntryBytes: mostEntryBytes,
      compression: encoding.compresses ? Deflate() : nil, spillFolder: spillFolder)
    part.begin(0, headers: [encoding.format.chartHeader(.country)])
    for (country, chart) in charts {
      let letters = codes.letters(at: country)
      try part.appendEntry(to: 0) { text in
        text.append(.country(letters), chart: chart, as: encoding.format)
      }
    }
    try part.end()
    if encoding.compresses { try output.completeEmptyGzip() }
    return output.totals[0]
  }
}
