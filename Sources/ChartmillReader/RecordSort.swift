internal import ChartmillCore
internal import ChartmillSystem

/// Sorts any number of small records in a fixed amount of memory, and drops repeated ones.
///
/// Records are collected in memory. When the memory is full, they are sorted and written to an
/// unnamed spill file as a sorted run. In the end the runs are merged (Knuth, TAOCP vol. 3, 5.4.1).
/// This is the sort for lists that a user provides. Rows of logs have their own, denser sort in
/// `ChartmillCore/Sort`.
///
/// Time: about 100 ns per record. Memory: `capacity` records, and half of that again while they are
/// sorted. Disk: the size of the records if they are more than `capacity`.
@safe final class RecordSort<Record: BitwiseCopyable & Comparable> {
  private typealias Memory = UnsafeMutableBufferPointer<Record>

  private struct Run {
    /// The index of the first record that is not in memory yet, counted from the start of the file.
    var next: Int
    var end: Int
  }

  private let folder: String
  private let capacity: Int
  private let maxRuns: Int
  private let arena: Arena
  private let memory: Memory
  private var count = 0
  private var runs: [Run] = []
  private var file: File?
  /// The number of records that were written to the file.
  private var written = 0
  private var merge: Merge?
  private var nextInMemory = 0
  /// The number of records that were dropped before the last merge.
  private var repeatedBefore = 0

  /// The number of records that were dropped so far because they equal another one. It is complete
  /// once `next` has returned nil.
  var repeated: Int { repeatedBefore + (merge?.repeated ?? 0) }

  /// - Parameters:
  ///   - capacity: the number of records in memory.
  ///   - maxRuns: the maximum number of runs that are merged at once.
  ///   - folder: the folder of the spill file, which is created only if it is needed.
  /// - Precondition: `capacity` is more than `maxRuns`, which is at least 2.
  init(capacity: Int, maxRuns: Int = 256, folder: String) throws {
    precondition(capacity > maxRuns && maxRuns >= 2)
    self.folder = folder
    self.capacity = capacity
    self.maxRuns = maxRuns
    arena = try Arena(byteCount: capacity * MemoryLayout<Record>.stride + 64)
    unsafe memory = unsafe Memory(start: arena.allocate(Record.self, capacity), count: capacity)
  }

  /// Adds a record.
  ///
  /// - Precondition: `next` was not called yet.
  /// - Throws: `SystemError`, `SpillError.corrupt`, `Interrupted`.
  @inline(__always)
  func append(_ record: Record) throws {
    if count == capacity { try spill() }
    unsafe memory[count] = record
    count += 1
  }

  /// The next record in ascending order; nil at the end.
  ///
  /// - Throws: `SystemError`, `SpillError.corrupt`.
  func next() throws -> Record? {
    if let merge { return try merge.next() }
    if runs.isEmpty {
      if nextInMemory == 0 { sortMemory() }
      guard nextInMemory < count else { return nil }
      nextInMemory += 1
      return unsafe memory[nextInMemory - 1]
    }
    try spill()
    merge = try makeMerge()
    return try next()
  }

  /// Makes `next` begin with the first record again.
  func rewind() {
    merge = nil
    nextInMemory = 0
  }

  /// Sorts all records, so that `withRecords` can read any of them. After that, no record can be
  /// added and `next` cannot be called.
  ///
  /// - Throws: `SystemError`, `SpillError.corrupt`, `Interrupted`.
  func finish() throws {
    if runs.isEmpty { return sortMemory() }
    try spill()
    if runs.count > 1 { try mergeIntoOne() }
  }

  /// The number of records. Valid after `finish`.
  var sortedCount: Int { runs.first.map { $0.end - $0.next } ?? count }

  /// Calls `body` with at most `limit` sorted records from an index on.
  ///
  /// Time: a system call if the records are in the file.
  /// - Precondition: `finish` was called, `start` is less than `sortedCount`, and `limit` is at most
  ///   the capacity.
  /// - Throws: `SystemError`, `SpillError.corrupt`.
  func withRecords<Result>(
    from start: Int, limit: Int, _ body: (UnsafeBufferPointer<Record>) -> Result
  ) throws -> Result {
    let end = min(start + limit, sortedCount)
    guard let run = runs.first, let file else {
      return unsafe body(UnsafeBufferPointer(rebasing: memory[start..<end]))
    }
    let target = unsafe UnsafeMutableRawBufferPointer(Memory(rebasing: memory[..<(end - start)]))
    let found = try unsafe file.read(into: target, at: bytes(run.next + start))
    guard found == target.count else {
      throw SpillError.corrupt(path: file.path, offset: bytes(run.next + start) + found)
    }
    return unsafe body(UnsafeBufferPointer(rebasing: memory[..<(end - start)]))
  }

  /// Sorts the records in memory and drops repeated ones.
  private func sortMemory() {
    if count < 2 { return }
    var records = unsafe Memory(rebasing: memory[..<count])
    unsafe records.sort()
    var kept = 1
    for index in 1..<count where unsafe memory[index] != memory[kept - 1] {
      unsafe memory[kept] = memory[index]
      kept += 1
    }
    repeatedBefore += count - kept
    count = kept
  }

  /// Writes the records in memory to the file as a sorted run.
  private func spill() throws {
    if count == 0 { return }
    try StopRequest.check()
    sortMemory()
    let file = try file ?? File.createAnonymous(in: folder)
    self.file = file
    try unsafe file.write(
      UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<bytes(count)]),
      at: bytes(written))
    runs.append(Run(next: written, end: written + count))
    written += count
    count = 0
    if runs.count == maxRuns { try mergeIntoOne() }
  }

  /// Merges all runs into one, which replaces them.
  private func mergeIntoOne() throws {
    guard let file else { return }
    let start = written
    let merge = try makeMerge()
    // The last piece of the memory collects the records that are written.
    let piece = capacity / (runs.count + 1)
    let output = unsafe Memory(rebasing: memory[(runs.count * piece)...])
    var filled = 0
    func drain() throws {
      try StopRequest.check()
      try unsafe file.write(
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[..<bytes(filled)]),
        at: bytes(written))
      written += filled
      filled = 0
    }
    while let record = try merge.next() {
      if filled == output.count { try drain() }
      unsafe output[filled] = record
      filled += 1
    }
    try drain()
    repeatedBefore += merge.repeated
    file.discard(from: 0, byteCount: bytes(start))
    runs = [Run(next: start, end: written)]
  }

  private func makeMerge() throws -> Merge {
    let piece = capacity / (runs.count + 1)
    guard let file else { preconditionFailure("there are runs only in a file") }
    return try Merge(
      runs.enumerated().map { index, run in
        unsafe Cursor(
          file: file, memory: Memory(rebasing: memory[(index * piece)..<((index + 1) * piece)]),
          run: run)
      })
  }

  private func bytes(_ records: Int) -> Int { records * MemoryLayout<Record>.stride }

  /// A run that is being read, with a piece of the memory.
  @safe private struct Cursor {
    let file: File
    let memory: Memory
    var run: Run
    var index = 0
    var count = 0

    init(file: File, memory: Memory, run: Run) {
      self.file = file
      unsafe self.memory = unsafe memory
      self.run = run
    }

    /// The next record; nil at the end of the run.
    mutating func next() throws -> Record? {
      if index == count {
        count = unsafe min(memory.count, run.end - run.next)
        index = 0
        if count == 0 { return nil }
        let stride = MemoryLayout<Record>.stride
        let found = try unsafe file.read(
          into: UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(memory)[..<(count * stride)]),
          at: run.next * stride)
        guard found == count * stride else {
          throw SpillError.corrupt(path: file.path, offset: run.next * stride + found)
        }
        run.next += count
      }
      index += 1
      return unsafe memory[index - 1]
    }
  }

  /// A merge of runs with a heap of their first records.
  private final class Merge {
    private var cursors: [Cursor]
    /// A binary heap, the smallest record first.
    private var heap: [(record: Record, cursor: Int)] = []
    private var last: Record?
    private(set) var repeated = 0

    init(_ cursors: [Cursor]) throws {
      self.cursors = cursors
      for index in cursors.indices {
        if let record = try self.cursors[index].next() { heap.append((record, index)) }
      }
      for index in (0..<(heap.count / 2)).reversed() { sink(index) }
    }

    func next() throws -> Record? {
      while let first = heap.first {
        if let record = try cursors[first.cursor].next() {
          heap[0].record = record
        } else {
          heap[0] = heap[heap.count - 1]
          heap.removeLast()
        }
        sink(0)
        if first.record == last {
          repeated += 1
          continue
        }
        last = first.record
        return first.record
      }
      return nil
    }

    private func sink(_ start: Int) {
      var index = start
      while true {
        var child = 2 * index + 1
        guard child < heap.count else { return }
        if child + 1 < heap.count, heap[child + 1].record < heap[child].record { child += 1 }
        guard heap[child].record < heap[index].record else { return }
        heap.swapAt(child, index)
        index = child
      }
    }
  }
}
