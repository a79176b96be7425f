package import ChartmillCore
package import ChartmillModel
internal import ChartmillSystem

/// Writes `country_topN_YYYYMMDD.txt`, with one chart per country, or the file of a single country.
enum CountryChartFile {
  /// Writes charts, which are ordered by country, to a file. Memory: a few hundred KiB.
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
    let output = PartitionedOutput(files: [file], partitions: 1)
    try Arena.withMemory(of: layOut) { memory in
      var part = PartWriter(
        output, [memory], maxEntryBytes: maxEntryBytes,
        compression: encoding.compresses ? ZlibCompressor() : nil, spillFolder: spillFolder)
      part.begin(0, headers: [encoding.format.chartHeader(.country)])
      for (country, chart) in charts {
        let letters = codes.letters(at: country)
        try part.appendEntry(to: 0) { text in
          text.append(.country(letters), chart: chart, as: encoding.format)
        }
      }
      try part.end()
    }
    if encoding.compresses { try output.completeEmptyGzip() }
    return output.totals[0]
  }
}

/// The files that were written for the charts of the countries.
package struct CountryOutputs {
  /// The file of all countries.
  let all: PartitionedOutput.Written
  /// The files of single countries; empty if they were not requested.
  let each: [(name: String, written: PartitionedOutput.Written)]
  /// All streams of each country, ordered by code.
  let streams: [Manifest.CountryStreams]
}

extension Publication {
  /// Writes and stages the chart files of the countries.
  ///
  /// - Parameters:
  ///   - codes: the list that the indices in `charts` refer to.
  ///   - each: whether to write each country's chart to its own file too.
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
