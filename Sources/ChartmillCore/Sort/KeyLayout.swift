/// How the four fields of a record share the 64 bits of a packed key, from the top bit down: group,
/// item, attribute, count. Records are sorted by group and item; attribute and count stay with
/// their record.
///
/// Together, real ids need more than 64 bits. Then the top bits of the group, its *prefix*, are
/// kept apart from the keys: rows keep prefixes in an array beside the keys, and a slice of a merge
/// has one prefix for all its keys. So a record of up to 80 bits takes a key of 64.
package struct KeyLayout: Sendable, Equatable {
  /// The maximum width of a prefix, in bits: it is stored as a `UInt16`.
  static let maxPrefixBits = 16
  /// The width of a country in bits: its index in `CountryList` is one byte.
  static let countryBits = 8

  /// The width of a group in bits, with its prefix.
  var groupBits: Int
  var itemBits: Int
  var attributeBits: Int
  /// The width of a count in bits; 0 if every record counts one stream.
  var countBits: Int
  /// The number of top bits of the group that a key does not hold.
  var prefixBits = 0

  var lowBits: Int { attributeBits &+ countBits }
  /// The number of low bits of the group that a key holds.
  var keyGroupBits: Int { groupBits &- prefixBits }
  /// Whether a packed key and its prefix hold a record.
  ///
  /// A key needs one bit above the item even if it holds no bit of the group, because the group is
  /// read by a shift, and a shift must be by less than 64.
  var isPackable: Bool {
    max(1, keyGroupBits) + itemBits + lowBits <= 64 && prefixBits <= Self.maxPrefixBits
  }

  /// The prefix of `group`: the bits that its key does not hold.
  @inline(__always)
  func prefix(of group: UInt64) -> UInt16 {
    UInt16(truncatingIfNeeded: group >> UInt64(truncatingIfNeeded: keyGroupBits))
  }

  /// The value to add to the groups of the keys with a prefix.
  @inline(__always)
  func group(ofPrefix prefix: UInt16) -> UInt64 { UInt64(prefix) << keyGroupBits }

  /// A mask of the bits of a group that a key holds.
  var keyGroupMask: UInt64 { keyGroupBits >= 64 ? .max : (1 << keyGroupBits) - 1 }
}

extension KeyLayout {
  /// The narrowest layout, with counts, for all records of `runs`, which are of one kind. The bits of
  /// the group that exceed a packed key are its prefix. A wide key holds the complete group and has
  /// no prefix.
  init(covering runs: [SortedRun], of kind: RecordKind, isWide: Bool = false) {
    let groupUnion = runs.reduce(0) { $0 | $1.groupUnion }
    let itemUnion = runs.reduce(0) { $0 | $1.itemUnion }
    self.init(
      groupBits: 64 - groupUnion.leadingZeroBitCount,
      itemBits: 64 - itemUnion.leadingZeroBitCount,
      attributeBits: kind == .user ? Self.countryBits : 0, countBits: 4)
    if !isWide { prefixBits = min(groupBits, max(0, groupBits + itemBits + lowBits - 64)) }
  }
}
