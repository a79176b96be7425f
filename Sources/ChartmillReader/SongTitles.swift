internal import ChartmillCore
internal import ChartmillSystem

/// The titles and artists of the songs that a command shows, from a file that may name many more.
///
/// First every song that will be shown is added to a filter. Then the file is read once, and the
/// titles of songs that pass the filter are kept, in a spill file if there are many. Other songs of
/// the file take no memory.
///
/// Time: about 100 ns per line of the file, and a few microseconds per title that is looked up.
/// Memory: the sizes given to the initializer, and buffers of about 1 MiB. Disk: the kept titles,
/// if they are more than `textBytes`.
package final class SongTitles {
  /// A title and an artist from outside. Bytes that are not UTF-8, and zero bytes, which databases
  /// refuse, are replaced by U+FFFD.
  package struct Title: Sendable, Equatable {
    package let title: String
    package let artist: String
  }

  /// What a file had.
  package struct Counts: Sendable {
    package fileprivate(set) var songs = 0
    /// The lines that were left out.
    package fileprivate(set) var badLines = 0
    package fileprivate(set) var firstBadLine: (line: Int, problem: SongLineProblem)?
  }

  /// A kept song. Songs are sorted by id, then by their place in the file.
  private struct Entry: BitwiseCopyable, Comparable {
    let song: UInt64
    /// The offset of the title among all kept text in the high 40 bits, and the lengths of title and
    /// artist in 12 bits each.
    let place: UInt64

    init(_ song: UInt64, offset: Int, titleBytes: Int, artistBytes: Int) {
      self.song = song
      place = UInt64(offset) << 24 | UInt64(titleBytes) << 12 | UInt64(artistBytes)
    }

    var offset: Int { Int(place >> 24) }
    var titleBytes: Int { Int(place >> 12 & 4095) }
    var artistBytes: Int { Int(place & 4095) }

    static func < (left: Entry, right: Entry) -> Bool {
      (left.song, left.place) < (right.song, right.place)
    }
  }

  /// The columns of the file, in its first line.
  package static let heading = "sng_id,title,artist"

  /// The number of entries between two fences. 4 KiB of entries are read at once.
  private static let fenceEntries = 256
  /// The size of the text that is kept in memory before it goes to a file, in bytes.
  private static let textBytes = 512 << 10

  private let spillFolder: String
  private let filter: SongFilter
  private let entries: RecordSort<Entry>
  /// The song of every `fenceEntries`th entry.
  private var fences: [UInt64] = []
  private var text: [UInt8] = []
  private var file: File?
  private var writtenBytes = 0

  package private(set) var counts = Counts()

  /// - Parameters:
  ///   - filterBytes: the size of the filter, a power of two.
  ///   - entriesInMemory: the number of kept songs of 16 bytes in memory, more than 256.
  ///   - spillFolder: the folder of spill files, which are created only if they are needed.
  package init(filterBytes: Int, entriesInMemory: Int, spillFolder: String) throws {
    filter = try SongFilter(byteCount: filterBytes)
    entries = try RecordSort(capacity: entriesInMemory, folder: spillFolder)
    self.spillFolder = spillFolder
    text.reserveCapacity(Self.textBytes + 2 * SongFile.maxFieldBytes)
  }

  /// Adds a song that will be looked up.
  package func want(_ song: UInt64) {
    filter.add(song)
  }

  /// Reads the file, after every song was added. If a song is in the file twice, the first title
  /// counts.
  ///
  /// - Throws: `SideInputError`, `SystemError`, `SpillError.corrupt`, `Interrupted`.
  package func read(_ path: String) throws {
    try SongFile.read(path) { song in
      counts.songs += 1
      if filter.mayContain(song.id) { try keep(song) }
    } onBadLine: { line, problem in
      counts.badLines += 1
      counts.firstBadLine = counts.firstBadLine ?? (line, problem)
    }
    try entries.finish()
    for start in stride(from: 0, to: entries.sortedCount, by: Self.fenceEntries) {
      fences.append(try unsafe entries.withRecords(from: start, limit: 1) { unsafe $0[0].song })
    }
  }

  /// The title of a song; nil if the file has none.
  ///
  /// - Throws: `SystemError`, `SpillError.corrupt`.
  package func title(of song: UInt64) throws -> Title? {
    guard let entry = try entry(of: song) else { return nil }
    let bytes = try text(at: entry.offset, count: entry.titleBytes + entry.artistBytes)
    return Title(
      title: Self.string(bytes.prefix(entry.titleBytes)),
      artist: Self.string(bytes.dropFirst(entry.titleBytes)))
  }

  private func keep(_ song: SongFile.Song) throws {
    if text.count >= Self.textBytes {
      let file = try file ?? File.createAnonymous(in: spillFolder)
      self.file = file
      try unsafe text.withUnsafeBytes { try unsafe file.write($0, at: writtenBytes) }
      writtenBytes += text.count
      text.removeAll(keepingCapacity: true)
    }
    let start = text.count
    song.title.append(to: &text)
    let middle = text.count
    song.artist.append(to: &text)
    try entries.append(
      Entry(
        song.id, offset: writtenBytes + start, titleBytes: middle - start,
        artistBytes: text.count - middle))
  }

  private func entry(of song: UInt64) throws -> Entry? {
    // The number of fences that are less than the song. The first entry of the song lies behind the
    // last of them, or is the fence that follows it.
    let lower = binarySearch(fences.count) { fences[$0] < song }
    if fences.isEmpty { return nil }
    let start = max(0, lower - 1) * Self.fenceEntries
    return try unsafe entries.withRecords(from: start, limit: Self.fenceEntries + 1) { records in
      let index = binarySearch(records.count) { unsafe records[$0].song < song }
      return unsafe index < records.count && records[index].song == song ? records[index] : nil
    }
  }

  /// Bytes of the kept text. The text of one song is in memory or in the file as a whole.
  private func text(at offset: Int, count: Int) throws -> ArraySlice<UInt8> {
    guard offset < writtenBytes, let file else {
      return text[(offset - writtenBytes)..<(offset - writtenBytes + count)]
    }
    let bytes = try file.bytes(at: offset, count: count)
    guard bytes.count == count else {
      throw SpillError.corrupt(path: file.path, offset: offset + bytes.count)
    }
    return bytes[...]
  }

  private static func string(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    return bytes.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
  }
}
