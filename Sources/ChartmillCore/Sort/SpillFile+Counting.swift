internal import ChartmillSystem

extension SpillFile {
  /// Checks every CRC, decodes every record, and counts the streams of each kind of record.
  ///
  /// Time: the time to read and inflate the file once. Memory: one block and a directory.
  ///
  /// - Throws: `SpillError.corrupt` for the first damaged piece; `SystemError`; `Interrupted`.
  package func countStreams(partitionBits: Int) throws -> [RecordKind: Int] {
    func layOut(in arena: Arena) -> (
      reader: SortedRunReader.Memory, directory: UnsafeMutableRawBufferPointer,
      block: UnsafeMutablePointer<WideKey>
    ) {
      unsafe (
        SortedRunReader.Memory(in: arena),
        arena.allocate(SegmentDirectory.workBytes(partitionBits: partitionBits)),
        arena.allocate(WideKey.self, SpillFormat.blockRecords)
      )
    }
    let arena = try unsafe Arena(byteCount: Arena.byteCount(of: layOut))
    defer { withExtendedLifetime(arena) {} }
    let (readerMemory, directoryMemory, block) = unsafe layOut(in: arena)
    let deflate = Deflate()
    var reader = SortedRunReader(readerMemory, deflate: deflate)
    let layout = KeyLayout(
      groupBits: 64, itemBits: 64, attributeBits: KeyLayout.countryBits, countBits: 4)
    var streams = [RecordKind.user: 0, .country: 0]
    try unsafe SegmentDirectory.forEach(
      in: self, partitionBits: partitionBits, memory: directoryMemory, deflate
    ) { directory, start in
      for runClass in SortedRunClass.all {
        for partition in 0..<(1 << partitionBits) {
          try StopRequest.check()
          var run = SortedRun(
            directory[runClass, partition], runClass, partition, in: self, segmentStart: start)
          while !run.isAtEnd {
            let count = try unsafe reader.readBlock(of: &run, into: block, layout)
            for index in 0..<count {
              unsafe streams[runClass.kind, default: 0] &+= Int(block[index].countField)
            }
          }
        }
      }
    }
    return streams
  }
}
