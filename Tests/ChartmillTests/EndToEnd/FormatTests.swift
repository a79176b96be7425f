import Foundation
import Testing

@testable import ChartmillModel
@testable import ChartmillSystem

extension EndToEnd {
  /// Every format holds the same charts, and `verify` accepts them.
  @Suite struct Formats {
    private static let ending = ["text": "txt", "csv": "csv", "jsonl": "jsonl"]

    private func book() throws -> LogBook {
      let book = try LogBook()
      try book.add(RandomLogs.text(seed: 3, rows: 5000, users: 300, songs: 200))
      return book
    }

    /// The lines of a text file, converted to another format.
    private func converted(_ lines: [String], to format: String, key: String) -> String {
      var text = ""
      if format == "csv" { text = "\(key),rank,sng_id,streams\n" }
      for line in lines {
        let parts = line.split(separator: "|")
        let songs = parts[1].split(separator: ",").map { $0.split(separator: ":") }
        let name = key == "country" ? "\"\(parts[0])\"" : "\(parts[0])"
        switch format {
        case "csv":
          for (place, song) in songs.enumerated() {
            text += "\(parts[0]),\(place + 1),\(song[0]),\(song[1])\n"
          }
        case "jsonl":
          let objects = songs.map { "{\"sng_id\":\($0[0]),\"streams\":\($0[1])}" }
          text += "{\"\(key)\":\(name),\"chart\":[\(objects.joined(separator: ","))]}\n"
        default:
          text += line + "\n"
        }
      }
      return text
    }

    private func convertedUserCountries(_ lines: [String], to format: String) -> String {
      var text = format == "csv" ? "user_id,country\n" : ""
      for line in lines {
        let parts = line.split(separator: "|")
        text +=
          format == "csv"
          ? "\(parts[0]),\(parts[1])\n"
          : "{\"user_id\":\(parts[0]),\"country\":\"\(parts[1])\"}\n"
      }
      return text
    }

    @Test(arguments: ["csv", "jsonl"], [7, 50])
    func everyFormatHasTheSameCharts(format: String, top: Int) throws {
      let book = try book()
      let text = try book.run("--top", "\(top)").charts(top: top)
      let out = try TemporaryFolder()
      let run = try book.run("--format", format, "--top", "\(top)", out: out)
      #expect(run.status == 0, "\(run.errors)")
      let day = LogBook.lastDay
      let ending = try #require(Self.ending[format])
      for (name, expected) in [
        ("country_top\(top)_\(day)", converted(text.countryLines, to: format, key: "country")),
        ("user_top\(top)_\(day)", converted(text.userLines, to: format, key: "user_id")),
        ("user_country_\(day)", convertedUserCountries(text.userCountryLines, to: format)),
      ] {
        let isSame = try out.read("\(name).\(ending)") == expected
        #expect(isSame, "\(name)")
      }
      let manifest = try Manifest(json: out.readBytes("manifest_\(day).json"))
      #expect(manifest.totals.users == text.manifest.totals.users)
      #expect(manifest.totals.countries == text.manifest.totals.countries)
      for output in manifest.outputs {
        #expect(try out.read(output.name).split(separator: "\n").count == output.lines)
      }
      let verified = try ChartmillProcess.run("verify", "--charts", out.path)
      #expect(verified.status == 0, "\(verified.errors)")
    }

    @Test(arguments: ["text", "csv", "jsonl"])
    func compressedChartsHaveTheSameContent(format: String) throws {
      let book = try book()
      let plain = try TemporaryFolder()
      let packed = try TemporaryFolder()
      #expect(try book.run("--format", format, out: plain).status == 0)
      #expect(try book.run("--format", format, "--compress", out: packed).status == 0)
      for name in try plain.names() where !name.hasPrefix("manifest_") {
        let text = try Tool.run("gzip", "-dc", packed.path(of: name + ".gz"))
        #expect(text.status == 0)
        let isSame = try text.output == plain.readBytes(name)
        #expect(isSame, "\(name)")
      }
      #expect(try ChartmillProcess.run("verify", "--charts", packed.path).status == 0)
    }

    /// Without an accepted row, nothing is published in any format, and older charts stay.
    @Test(arguments: ["text", "csv", "jsonl"])
    func withoutRowsNothingIsPublished(format: String) throws {
      let book = try LogBook("")
      let flags = ["--format", format, "--compress"]
      try book.run(flags).expectFailure(65, "no accepted rows for 20260629 to 20260705")
      let out = try TemporaryFolder()
      try book.add("1|2|FR\n")
      #expect(try book.run(flags, out: out).status == 0)
      let names = try out.names()
      try book.add("")
      #expect(try book.run(flags, out: out).status == 65)
      #expect(try out.names() == names)
      let verified = try ChartmillProcess.run("verify", "--charts", out.path)
      #expect(verified.status == 0, "\(verified.errors)")
    }

    @Test(arguments: ["text", "csv", "jsonl"])
    func perCountryWritesAFileForEachCountry(format: String) throws {
      let book = try book()
      let out = try TemporaryFolder()
      let first = try book.run("--format", format, "--per-country", out: out)
      #expect(first.status == 0, "\(first.errors)")
      let ending = try #require(Self.ending[format])
      let day = LogBook.lastDay
      let whole = try out.read("country_top50_\(day).\(ending)")
      let header = format == "csv" ? "country,rank,sng_id,streams\n" : ""
      var joined = header
      for code in ["BR", "DE", "FR", "US", "ZW"] {
        let one = try out.read("\(code)_top50_\(day).\(ending)")
        #expect(one.hasPrefix(header))
        joined += one.dropFirst(header.count)
      }
      #expect(joined == whole)
      #expect(try out.names().count == 9)
      let verified = try ChartmillProcess.run("verify", "--charts", out.path)
      #expect(verified.status == 0, "\(verified.errors)")

      // `verify` finds a change in one of them.
      try out.write(
        try out.read("FR_top50_\(day).\(ending)") + " ", to: "FR_top50_\(day).\(ending)")
      #expect(try ChartmillProcess.run("verify", "--charts", out.path).status == 65)

      // A rerun without the flag removes them.
      #expect(try book.run("--format", format, out: out).status == 0)
      #expect(try out.names().count == 4)
    }

    /// A rerun in another format replaces the files of the date.
    @Test func aDateHasFilesOfOneFormat() throws {
      let book = try book()
      let out = try TemporaryFolder()
      for format in ["text", "csv", "jsonl", "text"] {
        #expect(try book.run("--format", format, "--per-country", out: out).status == 0)
        let ending = try #require(Self.ending[format])
        let names = try out.names().filter { !$0.hasPrefix("manifest_") }
        #expect(names.count == 8)
        #expect(names.allSatisfy { $0.hasSuffix(".\(ending)") })
      }
    }

    /// Files that match the sizes and checksums in the manifest but are not charts.
    @Test(arguments: [
      ("csv", "1,1,5,2\n", "1,2,5,2\n"), ("csv", "1,1,5,2\n", "1,1,5,0\n"),
      ("csv", "user_id,rank", "userid,rankk"), ("csv", "1,2,7,1\n", "1,2,4,2\n"),
      ("csv", "1,2,7,1\n", "1,2,5,1\n"), ("csv", "1,2,7,1\n", "2,2,7,1\n"),
      ("jsonl", "\"sng_id\":7", "\"sng_id\":5"), ("jsonl", "\"sng_id\":7", "\"sng_id\": "),
      ("jsonl", "{\"user_id\":1,", "{\"user_id\":01"),
    ])
    func verifyFindsLinesThatAreNoCharts(format: String, from old: String, to new: String) throws {
      let book = try LogBook("5|1|FR\n5|1|FR\n7|1|FR\n")
      let out = try TemporaryFolder()
      #expect(try book.run("--format", format, out: out).status == 0)
      let name = "user_top50_\(LogBook.lastDay).\(format)"
      let text = try out.read(name)
      let altered = text.replacingOccurrences(of: old, with: new)
      try #require(altered != text && altered.utf8.count == text.utf8.count)
      try out.write(altered, to: name)
      let manifestName = "manifest_\(LogBook.lastDay).json"
      var manifest = try Manifest(json: out.readBytes(manifestName))
      for index in manifest.outputs.indices where manifest.outputs[index].name == name {
        manifest.outputs[index].crc32 = Array(altered.utf8).withUnsafeBytes {
          Checksum(of: $0).hex
        }
      }
      try out.write(manifest.encoded(), to: manifestName)
      let verified = try ChartmillProcess.run("verify", "--charts", out.path)
      #expect(verified.status == 65, "\(verified.output)\(verified.errors)")
      #expect(verified.errors.contains(name))
    }
  }
}
