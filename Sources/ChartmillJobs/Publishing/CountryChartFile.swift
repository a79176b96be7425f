package import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// `country_topN_YYYYMMDD.txt`, a chart a country, by code; or one country's chart in a file of
/// its own.
enum CountryChartFile {
  /// Memory: some hundred KiB.
  static func write(
    _ charts: [(country: UInt8, chart: TopSongs)], codes: CountryList, top: Int,
    as encoding: ChartEncoding, to file: File, spillFolder: String
  ) throws -> PartitionedOutput.Written {
    let maxEntryBytes = encoding.format.maxChartBytes(top: top)
    func layOut(in arena: Arena) -> PartWriter.Memory {
      PartWriter.Memory(
        in: arena, byteCount: PartWriter.minByteCount(maxEntryBytes: maxEntryBytes),
        compresses: encoding.compresses)
    }
    let arena = try Arena(byteCount: Arena.byteCount(of: layOut))
    defer { withExtendedLifetime(arena) {} }
    let output = PartitionedOutput(files: [file], partitions: 1)
    var part = PartWriter(
      output, [layOut(in: arena)], maxEntryBytes: maxEntryBytes,
      compression: encoding.compresses ? ZlibCompressor() : nil, spillFolder: spillFolder)
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

/// The charts of countries as they were written: all in a file, and each in its own where asked for.
package struct CountryOutputs {
  let all: PartitionedOutput.Written
  let each: [(name: String, written: PartitionedOutput.Written)]
  /// All of a country's, by code.
  let streams: [Manifest.CountryStreams]
}

extension Publication {
  /// Writes the files of countries that a job publishes.
  ///
  /// - Parameters:
  ///   - codes: the countries of `charts`.
  ///   - each: writes each country's chart also to a file of its own.
  package mutating func stageCountries(
    _ charts: CountryCharts, _ names: OutputNames, codes: CountryList, _ options: ChartOptions,
    each writesEach: Bool, spillFolder: String
  ) throws -> CountryOutputs {
    func write(
      _ charts: [(country: UInt8, chart: TopSongs)], to file: File
    ) throws -> PartitionedOutput.Written {
      try CountryChartFile.write(
        charts, codes: codes, top: options.top, as: options.encoding, to: file,
        spillFolder: spillFolder)
    }
    let present = charts.present
    let all = try write(present, to: try stage(names.countryCharts))
    var each: [(name: String, written: PartitionedOutput.Written)] = []
    if writesEach {
      for one in present {
        let name = names.chart(ofCountry: codes.code(at: one.country))
        let written = try stage(name) { file in try write([one], to: file) }
        each.append((name, written))
      }
    }
    return CountryOutputs(all: all, each: each, streams: charts.streamsByCountry(codes))
  }
}
