/// `country_topN_YYYYMMDD.txt`: a line a country, by code. Small: some hundred kilobytes at most
/// top 50, and written in one go.
enum CountryChartFile {
  static func write(
    _ charts: CountryCharts, codes: CountryList, top: Int, to file: File
  ) throws(JobError) -> PartitionedOutput.Written {
    let lineBytes = TextBuffer.mostLineBytes(top: top)
    let slab = try JobError.writing { () throws(SystemError) in
      try Slab(byteCount: TextBuffer.byteCount(capacity: lineBytes) + 64)
    }
    var line = TextBuffer(slab: slab, capacity: lineBytes)
    var written = PartitionedOutput.Written()
    for (country, chart) in charts.present {
      line.removeAll()
      let letters = codes.letters(at: country)
      line.append(letters.0)
      line.append(letters.1)
      line.append(UInt8(ascii: "|"))
      line.append(chart: chart)
      written.checksum.append(line.contents)
      written.lines += 1
      let contents = line.contents
      try JobError.writing { () throws(SystemError) in try file.write(contents) }
    }
    return written
  }
}
