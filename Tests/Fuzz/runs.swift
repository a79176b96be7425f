internal import Glibc

@testable internal import ChartmillFuzz

// Reads any bytes as the sorted runs of a spill file: once as they are, and once as the payloads of
// members whose lengths and CRCs are right, so that the code after the CRC is tested too.

private let path = "/dev/shm/chartmill-fuzz-\(getpid()).spill"

private func readAll(_ bytes: [UInt8]) {
  unlink(path)
  guard let file = try? File.create(path), (try? file.write(bytes)) != nil,
    let arena = try? Arena(byteCount: 4 << 20)
  else { preconditionFailure("no file or memory") }
  let deflate = Deflate()
  var reader = SortedRunReader(SortedRunReader.Memory(in: arena), deflate: deflate)
  let directoryMemory = arena.allocate(SegmentDirectory.workBytes(partitionBits: 0))
  let spill = SpillFile(file: file, end: bytes.count)
  // The memory has space for exactly the records of the largest block.
  let narrow = UnsafeMutablePointer<PackedKey>.allocate(capacity: SpillFormat.blockRecords)
  let prefixes = UnsafeMutablePointer<UInt16>.allocate(capacity: SpillFormat.blockRecords)
  let wide = UnsafeMutablePointer<WideKey>.allocate(capacity: SpillFormat.blockRecords)
  defer {
    narrow.deallocate()
    prefixes.deallocate()
    wide.deallocate()
  }
  let narrowLayout = KeyLayout(
    groupBits: 34, itemBits: 34, attributeBits: 8, countBits: 4, prefixBits: 16)
  let wideLayout = KeyLayout(groupBits: 63, itemBits: 63, attributeBits: 8, countBits: 4)
  var runs: [SortedRun] = []
  try? SegmentDirectory.forEach(
    in: spill, partitionBits: 0, memory: directoryMemory, deflate
  ) { directory, start in
    for runClass in SortedRunClass.all {
      runs.append(SortedRun(directory[runClass, 0], runClass, 0, in: spill, segmentStart: start))
    }
  }
  for run in runs {
    for isWide in [false, true] {
      var rest = run
      do {
        while !rest.isAtEnd {
          let before = rest.offset
          let count =
            isWide
            ? try reader.readBlock(of: &rest, into: wide, wideLayout)
            : try reader.readBlock(of: &rest, into: narrow, prefixes: prefixes, narrowLayout)
          precondition((1...SpillFormat.blockRecords).contains(count) && rest.offset > before)
        }
      } catch {
        guard case SpillError.corrupt = error else { preconditionFailure("\(error)") }
      }
    }
  }
}

private func stored(_ payload: [UInt8]) -> [UInt8] {
  var member = [UInt8](repeating: 0, count: GzipMember.bound(payload.count))
  let count = payload.withUnsafeBytes { payload in
    member.withUnsafeMutableBytes { GzipMember.writeStored(payload, into: $0) }
  }
  return Array(member.prefix(count))
}

/// A segment with one sorted run of one block. The first two bytes are the length of the shapes.
/// The items follow the shapes.
private func segment(_ bytes: [UInt8]) -> [UInt8] {
  let cut = min(bytes.count - 2, Int(bytes[0]) | Int(bytes[1]) << 8)
  var shapes = Array(bytes[2..<(2 + cut)])
  let items = Array(bytes[(2 + cut)...].prefix(SpillFormat.maxIDBytes))
  let runClass = SortedRunClass.all[Int(bytes[0]) % SortedRunClass.all.count]
  if shapes.count > SpillFormat.versionOffset {
    // The fuzzer would need an hour to find these values.
    shapes[SpillFormat.versionOffset] = SpillFormat.version
    shapes[SpillFormat.classOffset] = UInt8(runClass.index)
    shapes[SpillFormat.partitionOffset] = 0
    shapes[SpillFormat.partitionOffset + 1] = 0
  }
  let block = stored(shapes) + stored(items)
  let memory = UnsafeMutableRawBufferPointer.allocate(
    byteCount: SegmentDirectory.workBytes(partitionBits: 0), alignment: 64)
  defer { memory.deallocate() }
  let directory = SegmentDirectory(emptyIn: memory, partitionBits: 0)
  let start = SegmentDirectory.memberBytes(partitionBits: 0)
  for other in SortedRunClass.all {
    let isAfter = other.index > runClass.index
    directory[other, 0] = SortedRunExtent(
      offset: UInt64(start + (isAfter ? block.count : 0)),
      byteCount: other == runClass ? UInt64(block.count) : 0,
      records: other == runClass ? 1 : 0)
  }
  directory.segmentBytes = start + block.count
  return Array(directory.encoded()) + block
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRuns(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 2 else { return -1 }
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  readAll(bytes)
  readAll(segment(bytes))
  return 0
}
