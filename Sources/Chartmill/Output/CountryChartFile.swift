/// `country_topN_YYYYMMDD.txt`: a line a country, by code.
enum CountryChartFile {
  /// Memory: some hundred KiB.
  static func write(
    _ charts: CountryCharts, codes: CountryList, top: Int, to file: File, compression: Deflate?,
    spillFolder: String
  ) throws(JobError) -> PartitionedOutput.Written {
    let mostLineBytes = TextBuffer.mostLineBytes(top: top)
    let capacity = PartWriter.leastCapacity(mostLineBytes: mostLineBytes)
    let slab = try JobError.writing { () throws(SystemError) in
      try Slab(byteCount: capacity + 4096)
    }
    let output = PartitionedOutput(files: [file])
    var part = PartWriter(
      output, slab: slab, capacities: [capacity], mostLineBytes: mostLineBytes,
      compression: compression, spillFolder: spillFolder)
    part.begin(0)
    for (country, chart) in charts.present {
      let letters = codes.letters(at: country)
      try part.appendLine(to: 0) { line in
        line.append(letters.0)
        line.append(letters.1)
        line.append(UInt8(ascii: "|"))
        line.append(chart: chart)
      }
    }
    try part.end()
    return output.totals[0]
  }
}
