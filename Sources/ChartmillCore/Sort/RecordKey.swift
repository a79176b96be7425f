/// A record in memory: (group, item, attribute, count).
///
/// One algorithm serves both kinds of keys: `PackedKey` if the layout is packable, as it is for
/// real ids, and `WideKey` otherwise.
protocol RecordKey: BitwiseCopyable {
  init(group: UInt64, item: UInt64, attribute: UInt64, count: UInt64, layout: KeyLayout)
  func group(_ layout: KeyLayout) -> UInt64
  func item(_ layout: KeyLayout) -> UInt64
  func attribute(_ layout: KeyLayout) -> UInt64
  func count(_ layout: KeyLayout) -> UInt64
  /// Whether group and item are equal, so that both records count streams of the same song.
  func hasSameSong(as other: Self, _ layout: KeyLayout) -> Bool
  /// Whether this record sorts before `other` by (group, item).
  func precedes(_ other: Self, _ layout: KeyLayout) -> Bool
  /// The value of a digit of the sort key, which is group and item together.
  func value(of digit: KeyDigit) -> Int
  /// The number of low bits of the sort key in which `keys` differ. All higher bits are equal.
  static func differingBits(_ keys: UnsafeMutablePointer<Self>, count: Int, _ layout: KeyLayout)
    -> Int
  /// Whether group and item are separate words, so that no digit may have bits of both.
  static var hasTwoWords: Bool { get }
  /// Copies `source` to `target`, which may be the same, and moves many records closer to their
  /// place on the way. Equal records may change places.
  static func bubble(
    _ source: UnsafeMutablePointer<Self>, _ count: Int, to target: UnsafeMutablePointer<Self>)
}

/// A range of bits of the sort key, which is group and item together.
struct KeyDigit {
  /// The position of the lowest bit: in a packed key, or in the word of a wide key that `isInGroup`
  /// selects.
  let shift: UInt64
  let mask: UInt64
  let isInGroup: Bool

  /// A digit of `width` bits whose lowest bit is bit `low` of the sort key.
  init(_ layout: KeyLayout, low: Int, width: Int, hasTwoWords: Bool) {
    mask = (1 << UInt64(width)) - 1
    isInGroup = low >= layout.itemBits
    if hasTwoWords {
      shift = UInt64(isInGroup ? low - layout.itemBits : low)
    } else {
      shift = UInt64(layout.lowBits + low)
    }
  }
}

/// A record in 64 bits. A `KeyLayout` says which bits hold which field.
struct PackedKey: RecordKey {
  let bits: UInt64

  @inline(__always)
  private init(bits: UInt64) {
    self.bits = bits
  }

  @inline(__always)
  init(group: UInt64, item: UInt64, attribute: UInt64, count: UInt64, layout: KeyLayout) {
    // The checked conversions keep loops over rows scalar. Without them, the compiler emulates the
    // 64-bit products of such a loop in vectors, which takes longer.
    let high = (group &<< UInt64(layout.itemBits)) | item
    let low = layout.countBits == 0 ? attribute : (attribute &<< UInt64(layout.countBits)) | count
    bits = (high &<< UInt64(layout.lowBits)) | low
  }

  @inline(__always)
  func group(_ layout: KeyLayout) -> UInt64 {
    bits &>> (layout.itemBits &+ layout.lowBits)
  }

  @inline(__always)
  func item(_ layout: KeyLayout) -> UInt64 {
    (bits &>> layout.lowBits) & ((1 &<< layout.itemBits) - 1)
  }

  @inline(__always)
  func attribute(_ layout: KeyLayout) -> UInt64 {
    (bits &>> layout.countBits) & ((1 &<< layout.attributeBits) - 1)
  }

  @inline(__always)
  func count(_ layout: KeyLayout) -> UInt64 {
    layout.countBits == 0 ? 1 : bits & ((1 &<< layout.countBits) - 1)
  }

  @inline(__always)
  func hasSameSong(as other: PackedKey, _ layout: KeyLayout) -> Bool {
    (bits ^ other.bits) &>> layout.lowBits == 0
  }

  @inline(__always)
  func precedes(_ other: PackedKey, _ layout: KeyLayout) -> Bool {
    // If the other key is equal above the lowest bits, it becomes the smaller one without them.
    bits < other.bits & (.max &<< layout.lowBits)
  }

  @inline(__always)
  func value(of digit: KeyDigit) -> Int {
    Int(truncatingIfNeeded: (bits &>> digit.shift) & digit.mask)
  }

  static func differingBits(
    _ keys: UnsafeMutablePointer<PackedKey>, count: Int, _ layout: KeyLayout
  ) -> Int {
    var differences: UInt64 = 0
    for index in 0..<count { unsafe differences |= keys[index].bits ^ keys[0].bits }
    return max(0, UInt64.bitWidth - differences.leadingZeroBitCount - layout.lowBits)
  }

  static var hasTwoWords: Bool { false }

  /// Two rounds of bubble sort in one pass. Unlike an insertion, it has no branch that the
  /// processor would have to guess.
  @inline(__always)
  static func bubble(
    _ source: UnsafeMutablePointer<PackedKey>, _ count: Int,
    to target: UnsafeMutablePointer<PackedKey>
  ) {
    guard count >= 2 else { return unsafe target.update(from: source, count: count) }
    var low = unsafe min(source[0].bits, source[1].bits)
    var high = unsafe max(source[0].bits, source[1].bits)
    for index in 2..<count {
      let bits = unsafe source[index].bits
      let larger = max(low, bits)
      unsafe target[index &- 2] = PackedKey(bits: min(low, bits))
      low = min(larger, high)
      high = max(larger, high)
    }
    unsafe target[count &- 2] = PackedKey(bits: low)
    unsafe target[count &- 1] = PackedKey(bits: high)
  }
}

/// A record whose ids do not fit a packed key. It takes 24 bytes instead of 8.
struct WideKey: RecordKey {
  let groupField: UInt64
  let itemField: UInt64
  let attributeField: UInt32
  let countField: UInt32

  @inline(__always)
  init(group: UInt64, item: UInt64, attribute: UInt64, count: UInt64, layout: KeyLayout) {
    groupField = group
    itemField = item
    attributeField = UInt32(truncatingIfNeeded: attribute)
    countField = UInt32(truncatingIfNeeded: count)
  }

  @inline(__always) func group(_ layout: KeyLayout) -> UInt64 { groupField }
  @inline(__always) func item(_ layout: KeyLayout) -> UInt64 { itemField }
  @inline(__always) func attribute(_ layout: KeyLayout) -> UInt64 { UInt64(attributeField) }
  @inline(__always) func count(_ layout: KeyLayout) -> UInt64 { UInt64(countField) }

  @inline(__always)
  func hasSameSong(as other: WideKey, _ layout: KeyLayout) -> Bool {
    groupField == other.groupField && itemField == other.itemField
  }

  @inline(__always)
  func precedes(_ other: WideKey, _ layout: KeyLayout) -> Bool {
    (groupField, itemField) < (other.groupField, other.itemField)
  }

  @inline(__always)
  func value(of digit: KeyDigit) -> Int {
    let word = digit.isInGroup ? groupField : itemField
    return Int(truncatingIfNeeded: (word &>> digit.shift) & digit.mask)
  }

  static func differingBits(_ keys: UnsafeMutablePointer<WideKey>, count: Int, _ layout: KeyLayout)
    -> Int
  {
    var (group, item): (UInt64, UInt64) = (0, 0)
    for index in 0..<count {
      unsafe group |= keys[index].groupField ^ keys[0].groupField
      unsafe item |= keys[index].itemField ^ keys[0].itemField
    }
    if group == 0 { return UInt64.bitWidth - item.leadingZeroBitCount }
    return layout.itemBits + UInt64.bitWidth - group.leadingZeroBitCount
  }

  static var hasTwoWords: Bool { true }

  @inline(__always)
  static func bubble(
    _ source: UnsafeMutablePointer<WideKey>, _ count: Int, to target: UnsafeMutablePointer<WideKey>
  ) {
    unsafe target.update(from: source, count: count)
  }
}
