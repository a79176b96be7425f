/// How a record's four fields share the 64 bits of a packed key, from the top:
/// major, minor, tag, count. Records sort by major and minor; the low bits come along.
///
/// Ids of real width need more than 64 bits. Then the top bits of the major, the *prefix*, are kept
/// apart: rows have them in an array beside the keys, and a slice of a merge has one for all its keys.
/// So 80 bits are handled in memory as 64.
package struct KeyLayout: Sendable, Equatable {
  /// A prefix is held in 16 bits.
  static let maxPrefixBits = 16

  /// Bits of the whole major.
  var majorBits: Int
  var minorBits: Int
  var tagBits: Int
  /// 0 when every record counts one stream.
  var countBits: Int
  /// The bits of the major that a key does not hold.
  var prefixBits = 0

  var lowBits: Int { tagBits + countBits }
  /// The bits of the major that a key holds.
  var keyMajorBits: Int { majorBits - prefixBits }
  /// Whether 64 bits and the prefix hold a record. A major of no bits needs one free above the minor
  /// even so: it is read by a shift, and no shift is by 64.
  var isPackable: Bool {
    max(1, keyMajorBits) + minorBits + lowBits <= 64 && prefixBits <= Self.maxPrefixBits
  }

  /// The bits of `major` that a key does not hold.
  @inline(__always)
  func prefix(of major: UInt64) -> UInt16 {
    UInt16(truncatingIfNeeded: major >> UInt64(keyMajorBits))
  }

  /// What a prefix adds to the majors of the keys that it belongs to.
  @inline(__always)
  func major(ofPrefix prefix: UInt16) -> UInt64 { UInt64(prefix) << UInt64(keyMajorBits) }

  /// The bits of the major that a key holds.
  var keyMajorMask: UInt64 { keyMajorBits >= 64 ? .max : (1 << UInt64(keyMajorBits)) - 1 }
}

/// A record in memory: (major, minor, tag, count). Two shapes, one algorithm: `PackedKey` when the
/// ids are narrow enough for the layout, as they are in practice, else `WideKey`.
protocol RecordKey: BitwiseCopyable {
  init(major: UInt64, minor: UInt64, tag: UInt64, count: UInt64, layout: KeyLayout)
  func major(_ layout: KeyLayout) -> UInt64
  func minor(_ layout: KeyLayout) -> UInt64
  func tag(_ layout: KeyLayout) -> UInt64
  func count(_ layout: KeyLayout) -> UInt64
  /// Whether major and minor are equal: the two are streams of one song.
  func hasSameSong(as other: Self, _ layout: KeyLayout) -> Bool
  /// The order of (major, minor).
  func precedes(_ other: Self, _ layout: KeyLayout) -> Bool
  /// A digit of the sort key, which is major and minor together.
  func value(of digit: KeyDigit) -> Int
  /// How many of the lowest bits of the sort key tell `keys` apart; all above are the same in each.
  static func differingBits(_ keys: UnsafeMutablePointer<Self>, count: Int, _ layout: KeyLayout)
    -> Int
  /// Whether a digit must not have bits of both major and minor.
  static var hasTwoWords: Bool { get }
}

/// Some bits of the sort key, the `majorBits + minorBits` that records are sorted by.
struct KeyDigit {
  /// Of the lowest bit, in the packed key, or in the word that `isMajor` names.
  let shift: UInt64
  let mask: UInt64
  let isMajor: Bool

  /// `width` bits, `low` above the lowest of the sort key.
  init(_ layout: KeyLayout, low: Int, width: Int, hasTwoWords: Bool) {
    mask = (1 << UInt64(width)) - 1
    isMajor = low >= layout.minorBits
    if hasTwoWords {
      shift = UInt64(isMajor ? low - layout.minorBits : low)
    } else {
      shift = UInt64(layout.lowBits + low)
    }
  }
}

/// A record in 64 bits, as a `KeyLayout` divides them.
struct PackedKey: RecordKey {
  let bits: UInt64

  @inline(__always)
  init(major: UInt64, minor: UInt64, tag: UInt64, count: UInt64, layout: KeyLayout) {
    let high = (major &<< UInt64(layout.minorBits)) | minor
    let low = layout.countBits == 0 ? tag : (tag &<< UInt64(layout.countBits)) | count
    bits = (high &<< UInt64(layout.lowBits)) | low
  }

  @inline(__always)
  func major(_ layout: KeyLayout) -> UInt64 {
    bits &>> UInt64(layout.minorBits + layout.lowBits)
  }

  @inline(__always)
  func minor(_ layout: KeyLayout) -> UInt64 {
    (bits &>> UInt64(layout.lowBits)) & ((1 &<< UInt64(layout.minorBits)) - 1)
  }

  @inline(__always)
  func tag(_ layout: KeyLayout) -> UInt64 {
    (bits &>> UInt64(layout.countBits)) & ((1 &<< UInt64(layout.tagBits)) - 1)
  }

  @inline(__always)
  func count(_ layout: KeyLayout) -> UInt64 {
    layout.countBits == 0 ? 1 : bits & ((1 &<< UInt64(layout.countBits)) - 1)
  }

  @inline(__always)
  func hasSameSong(as other: PackedKey, _ layout: KeyLayout) -> Bool {
    (bits ^ other.bits) &>> UInt64(layout.lowBits) == 0
  }

  @inline(__always)
  func precedes(_ other: PackedKey, _ layout: KeyLayout) -> Bool {
    bits &>> UInt64(layout.lowBits) < other.bits &>> UInt64(layout.lowBits)
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
}

/// A record whose ids do not fit 64 bits together: three times the memory, the same order.
struct WideKey: RecordKey {
  let majorField: UInt64
  let minorField: UInt64
  let tagField: UInt32
  let countField: UInt32

  @inline(__always)
  init(major: UInt64, minor: UInt64, tag: UInt64, count: UInt64, layout: KeyLayout) {
    majorField = major
    minorField = minor
    tagField = UInt32(truncatingIfNeeded: tag)
    countField = UInt32(truncatingIfNeeded: count)
  }

  @inline(__always) func major(_ layout: KeyLayout) -> UInt64 { majorField }
  @inline(__always) func minor(_ layout: KeyLayout) -> UInt64 { minorField }
  @inline(__always) func tag(_ layout: KeyLayout) -> UInt64 { UInt64(tagField) }
  @inline(__always) func count(_ layout: KeyLayout) -> UInt64 { UInt64(countField) }

  @inline(__always)
  func hasSameSong(as other: WideKey, _ layout: KeyLayout) -> Bool {
    majorField == other.majorField && minorField == other.minorField
  }

  @inline(__always)
  func precedes(_ other: WideKey, _ layout: KeyLayout) -> Bool {
    (majorField, minorField) < (other.majorField, other.minorField)
  }

  @inline(__always)
  func value(of digit: KeyDigit) -> Int {
    let word = digit.isMajor ? majorField : minorField
    return Int(truncatingIfNeeded: (word &>> digit.shift) & digit.mask)
  }

  static func differingBits(_ keys: UnsafeMutablePointer<WideKey>, count: Int, _ layout: KeyLayout)
    -> Int
  {
    var (major, minor): (UInt64, UInt64) = (0, 0)
    for index in 0..<count {
      unsafe major |= keys[index].majorField ^ keys[0].majorField
      unsafe minor |= keys[index].minorField ^ keys[0].minorField
    }
    if major == 0 { return UInt64.bitWidth - minor.leadingZeroBitCount }
    return layout.minorBits + UInt64.bitWidth - major.leadingZeroBitCount
  }

  static var hasTwoWords: Bool { true }
}
