/// Keys in memory and their prefixes, each followed by the same amount of scratch.
@safe struct KeyBuffer<Key: RecordKey>: ~Copyable {
  /// The memory per row in bytes: a key and its prefix, and the scratch for both.
  static var rowBytes: Int { 2 * (MemoryLayout<Key>.stride + MemoryLayout<UInt16>.stride) }

  private let memory: UnsafeMutableRawBufferPointer
  private(set) var keys: UnsafeMutablePointer<Key>
  private(set) var prefixes: UnsafeMutablePointer<UInt16>
  let capacity: Int
  var count = 0

  var scratch: UnsafeMutablePointer<Key> { unsafe keys + capacity }
  var prefixScratch: UnsafeMutablePointer<UInt16> { unsafe prefixes + capacity }

  init(_ memory: UnsafeMutableRawBufferPointer) {
    unsafe self.memory = unsafe memory
    capacity = min(memory.count / Self.rowBytes, Int(UInt32.max))
    (unsafe keys, unsafe prefixes) = unsafe Self.bind(memory, capacity)
  }

  /// Takes over the memory from another buffer that shares it.
  ///
  /// - Precondition: Both buffers are empty.
  mutating func bindMemory() {
    (unsafe keys, unsafe prefixes) = unsafe Self.bind(memory, capacity)
  }

  private static func bind(
    _ memory: UnsafeMutableRawBufferPointer, _ capacity: Int
  ) -> (UnsafeMutablePointer<Key>, UnsafeMutablePointer<UInt16>) {
    let keyBytes = 2 * capacity * MemoryLayout<Key>.stride
    let keys = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<keyBytes])
    let prefixes = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[keyBytes...])
    return unsafe (
      keys.bindMemory(to: Key.self).baseAddress ?? .allocate(capacity: 0),
      prefixes.bindMemory(to: UInt16.self).baseAddress ?? .allocate(capacity: 0)
    )
  }

  var free: Int { capacity - count }

  /// Adds a record of one stream.
  ///
  /// - Precondition: `free` is not 0.
  @inline(__always)
  mutating func append(group: UInt64, item: UInt64, attribute: UInt64, _ layout: KeyLayout) {
    unsafe keys[count] = Key(
      group: group & layout.keyGroupMask, item: item, attribute: attribute, count: 1, layout: layout
    )
    unsafe prefixes[count] = layout.prefix(of: group)
    count &+= 1
  }
}
