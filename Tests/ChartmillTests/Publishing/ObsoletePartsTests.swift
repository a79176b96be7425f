import Foundation
import Testing

@testable import ChartmillJobs
@testable import ChartmillModel
@testable import ChartmillSystem

/// A run that replaces the charts of a Spark job removes its files, unless they may be in use.
@Suite struct ObsoletePartsTests {
  private static let day = Day(yyyymmdd: LogBook.lastDay)
  private static let charts = [
    "country_top50_20260705.txt", "manifest_20260705.json", "user_country_20260705.txt",
    "user_top50_20260705.txt",
  ]
  private static let job = "app-20260706-0001-0123abcd"

  /// An output folder with the files of a job in `parts_DATE`.
  private func outputs(_ job: String = job, date: String = LogBook.lastDay) throws
    -> TemporaryFolder
  {
    let out = try TemporaryFolder()
    try add(job, date: date, to: out)
    return out
  }

  private func add(_ job: String, date: String = LogBook.lastDay, to out: TemporaryFolder) throws {
    let folder = "parts_\(date)/\(job)"
    try FileManager.default.createDirectory(
      atPath: out.path(of: "\(folder)/country.12"), withIntermediateDirectories: true)
    try out.write("42|7:3\n", to: "\(folder)/user_top50_\(date)-0000.7.txt")
    try out.write("FR|7:3\n", to: "\(folder)/country.12/country_top50_\(date).txt")
  }

  private func run(in out: TemporaryFolder) throws {
    let made = try LogBook("7|42|FR\n").run(out: out)
    try #require(made.status == 0, "\(made.errors)")
  }

  private func contents(_ out: TemporaryFolder, _ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: out.path(of: folder)).sorted()
  }

  @Test func aRunRemovesThePartsOfItsDate() throws {
    let out = try outputs()
    try add("local-1-89abcdef", to: out)
    try add(Self.job, date: "20260704", to: out)
    try run(in: out)
    #expect(try out.names() == (Self.charts + ["parts_20260704"]).sorted())
    #expect(try contents(out, "parts_20260704/\(Self.job)").count == 2)
  }

  @Test func nothingIsRemovedWhileAJobHasTheDate() throws {
    let out = try outputs()
    try out.write("{}", to: "parts_20260705/claim.json")
    try run(in: out)
    #expect(try contents(out, "parts_20260705") == [Self.job, "claim.json"])
    #expect(try contents(out, "parts_20260705/\(Self.job)").count == 2)
  }

  /// A job may publish between the manifest of the run and the search for obsolete parts.
  @Test func thePartsThatTheManifestNamesStay() throws {
    let out = try outputs()
    let other = "local-1-89abcdef"
    try run(in: out)
    try add(Self.job, to: out)
    try add(other, to: out)
    let path = out.path(of: "manifest_20260705.json")
    var manifest = try Manifest.read(path) { _ in }
    manifest.outputs[1].files = [
      "parts_20260705/\(Self.job)/user_top50_20260705-0000.7.txt"
    ]
    try FileManager.default.removeItem(atPath: path)
    try File.create(path).write(manifest) { _ in }
    let day = try #require(Self.day)
    #expect {
      try ObsoleteParts.remove(of: day, in: try Folder.open(creatingIn: out.path))
    } throws: { error in
      (error as? SystemError)?.errno == ENOTEMPTY
    }
    #expect(try contents(out, "parts_20260705") == [Self.job])
    #expect(try contents(out, "parts_20260705/\(Self.job)").count == 2)
  }

  @Test func otherFilesAndLinkedFoldersStay() throws {
    let elsewhere = try outputs()
    let out = try outputs("notes")
    try out.write("mine", to: "parts_20260705/notes-0123abcd")
    try FileManager.default.createSymbolicLink(
      atPath: out.path(of: "parts_20260705/\(Self.job)"),
      withDestinationPath: elsewhere.path(of: "parts_20260705/\(Self.job)"))
    try run(in: out)
    #expect(try contents(out, "parts_20260705").contains("notes"))
    #expect(try out.read("parts_20260705/notes-0123abcd") == "mine")
    #expect(try contents(elsewhere, "parts_20260705/\(Self.job)").count == 2)

    let linked = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: linked.path(of: "parts_20260705"),
      withDestinationPath: elsewhere.path(of: "parts_20260705"))
    try run(in: linked)
    #expect(try contents(elsewhere, "parts_20260705/\(Self.job)").count == 2)
  }
}
