package import ChartmillSystem

/// A worker's side of a `PartitionedOutput`: its part of each file, for one partition at a time.
package struct PartWriter {
  private let output: PartitionedOutput
  private var files: [PartFile]
  private var partition = 0

  /// The memory for a part of one file: its text, and the gzip members that the text is compressed
  /// into.
  package struct Memory {
    let text: TextBuffer.Memory
    let members: TextBuffer.Memory

    /// - Parameter byteCount: the size of both in bytes, at least `minByteCount`.
    package init(in arena: Arena, byteCount: Int, compresses: Bool) {
      let textBytes = compresses ? PartFile.pieceBytes : byteCount
      text = TextBuffer.Memory(in: arena, byteCount: textBytes)
      members = TextBuffer.Memory(in: arena, byteCount: byteCount - textBytes)
    }
  }

  /// - Parameters:
  ///   - memory: the memory for the part of each file.
  ///   - maxEntryBytes: the maximum size of an entry, in bytes.
  ///   - compression: the compressor of the text; nil for plain text.
  package init(
    _ output: PartitionedOutput, _ memory: [Memory], maxEntryBytes: Int,
    compression: ZlibCompressor?, spillFolder: String
  ) {
    self.output = output
    files = zip(output.files, memory).map { file, memory in
      PartFile(
        file, memory, maxEntryBytes: maxEntryBytes, compression: compression,
        spillFolder: spillFolder)
    }
  }

  /// The minimum memory for a part of one file, in bytes.
  package static func minByteCount(maxEntryBytes: Int) -> Int {
    let bytes =
      2 * maxEntryBytes + PartFile.pieceBytes + GzipMember.bound(PartFile.pieceBytes)
    return (bytes + 127) & ~63
  }

  /// Begins a part of each file.
  ///
  /// - Parameter headers: the first line of each file, perhaps empty. Only partition 0 writes it.
  package mutating func begin(_ partition: Int, headers: [StaticString]) {
    self.partition = partition
    guard partition == 0 else { return }
    for (index, header) in headers.enumerated() where header.utf8CodeUnitCount > 0 {
      files[index].text.append(header)
      files[index].written.lines += 1
    }
  }

  /// Appends the chart or the country of one key to the part of a file.
  ///
  /// - Parameter write: appends at most `maxEntryBytes`, and returns the number of lines it took.
  @inline(__always)
  package mutating func appendEntry(
    to index: Int, _ write: (inout TextBuffer) -> Int
  ) throws {
    if files[index].isFull { try files[index].makeSpace(output, partition) }
    files[index].written.lines &+= write(&files[index].text)
    files[index].written.entries &+= 1
  }

  /// Waits until all earlier partitions are written, then writes the rest of this one. If the
  /// output was stopped, returns without writing it.
  package mutating func end() throws {
    // Parts are compressed and their checksums computed before their turn, while workers still run
    // in parallel.
    for index in files.indices { try files[index].close(output, partition) }
    guard output.waitForTurn(partition) else { return }
    for index in files.indices { try files[index].finish() }
    output.endTurn(files.map(\.written))
    for index in files.indices { files[index].written = .init() }
  }
}

/// A worker's part of one file.
private struct PartFile {
  /// The size of the pieces in which text is compressed, in bytes. Each piece is a gzip member, so
  /// the members do not depend on the memory budget.
  static let pieceBytes = 256 << 10

  private let file: File
  private let spillFolder: String
  private let maxEntryBytes: Int
  private let compression: ZlibCompressor?
  /// The lines that are not compressed and not in the checksum yet.
  var text: TextBuffer
  /// The gzip members that are not written yet; empty without compression.
  private var members: TextBuffer
  var written = PartitionedOutput.Part()
  /// A spill file for what did not fit in memory before the partition's turn.
  private var overflow: File?
  private var overflowBytes = 0

  init(
    _ file: File, _ memory: PartWriter.Memory, maxEntryBytes: Int,
    compression: ZlibCompressor?, spillFolder: String
  ) {
    self.file = file
    self.spillFolder = spillFolder
    self.maxEntryBytes = maxEntryBytes
    self.compression = compression
    text = TextBuffer(memory.text)
    members = TextBuffer(memory.members)
  }

  var isFull: Bool { text.free < maxEntryBytes }

  /// Compresses the text or, without compression, moves it out of the memory.
  mutating func makeSpace(_ output: PartitionedOutput, _ partition: Int) throws {
    guard let compression else {
      unsafe written.checksum.append(text.contents)
      try unsafe drain(text.contents, output, partition)
      text.removeAll()
      return
    }
    if members.free < GzipMember.bound(text.count) {
      try unsafe drain(members.contents, output, partition)
      members.removeAll()
    }
    let start = members.count
    unsafe members.append(memberOf: text.contents, compression)
    unsafe written.checksum.append(UnsafeRawBufferPointer(rebasing: members.contents[start...]))
    text.removeAll()
  }

  /// Compresses the text in memory and adds it to the checksum, after the last entry of the part.
  mutating func close(_ output: PartitionedOutput, _ partition: Int) throws {
    if compression != nil {
      if text.count > 0 { try makeSpace(output, partition) }
    } else {
      unsafe written.checksum.append(text.contents)
    }
  }

  /// Writes what is not written yet. Call it when it is the partition's turn.
  mutating func finish() throws {
    let rest = unsafe compression == nil ? text.contents : members.contents
    if let overflow, overflowBytes > 0 {
      // The copy uses the memory, so its contents are first appended to the overflow.
      try unsafe overflow.write(rest, at: overflowBytes)
      try copy(overflow, overflowBytes + rest.count)
      overflowBytes = 0
    } else {
      try unsafe file.write(rest)
    }
    text.removeAll()
    members.removeAll()
  }

  /// Writes `bytes` to the file if it is the partition's turn, and otherwise to the overflow.
  private mutating func drain(
    _ bytes: UnsafeRawBufferPointer, _ output: PartitionedOutput, _ partition: Int
  ) throws {
    if overflowBytes == 0, output.isTurn(partition) { return try unsafe self.file.write(bytes) }
    let file: File
    if let overflow {
      file = overflow
    } else {
      file = try File.createAnonymous(in: spillFolder)
      overflow = file
    }
    try unsafe file.write(bytes, at: overflowBytes)
    overflowBytes += bytes.count
  }

  private func copy(_ source: File, _ byteCount: Int) throws {
    let memory = unsafe UnsafeMutableRawBufferPointer(
      mutating: compression == nil ? text.allMemory : members.allMemory)
    var done = 0
    while done < byteCount {
      let piece = unsafe UnsafeMutableRawBufferPointer(
        rebasing: memory[..<min(memory.count, byteCount - done)])
      let count = try unsafe source.read(into: piece, at: done)
      guard count == piece.count else { throw SpillError.corrupt(path: source.path, offset: done) }
      try unsafe file.write(UnsafeRawBufferPointer(piece))
      done += count
    }
  }
}
