/// How a record's four fields share the 64 bits of a packed key, from the top:
/// group, item, attribute, count. Records sort by group and item; the low bits come along.
///
/// Ids of real width need more than 64 bits. Then the top bits of the group, the *prefix*, are kept
/// apart: rows have them in an array beside the keys, and a slice of a merge has one for all its keys.
/// So 80 bits are handled in memory as 64.
package struct KeyLayout: Sendable, Equatable {
  /// A prefix is held in 16 bits.
  static let maxPrefixBits = 16

  /// Bits of the whole group.
  var groupBits: Int
  var itemBits: Int
  var attributeBits: Int
  /// 0 when every record counts one stream.
  var countBits: Int
  /// The bits of the group that a key does not hold.
  var prefixBits = 0

  var lowBits: Int { attributeBits + countBits }
  /// The bits of the group that a key holds.
  var keyGroupBits: Int { groupBits - prefixBits }
  /// Whether 64 bits and the prefix hold a record. A group of no bits needs one free above the item
  /// even so: it is read by a shift, and no shift is by 64.
  var isPackable: Bool {
    max(1, keyGroupBits) + itemBits + lowBits <= 64 && prefixBits <= Self.maxPrefixBits
  }

  /// The bits of `group` that a key does not hold.
  @inline(__always)
  func prefix(of group: UInt64) -> UInt16 {
    UInt16(truncatingIfNeeded: group >> UInt64(keyGroupBits))
  }

  /// What a prefix adds to the groups of the keys that it belongs to.
  @inline(__always)
  func group(ofPrefix prefix: UInt16) -> UInt64 { UInt64(prefix) << UInt64(keyGroupBits) }

  /// The bits of the group that a key holds.
  var keyGroupMask: UInt64 { keyGroupBits >= 64 ? .max : (1 << UInt64(keyGroupBits)) - 1 }
}

extension KeyLayout {
  /// The narrowest for all records of `runs`, with counts. What 64 bits do not hold is the prefix;
  /// wide keys hold all of the group.
  init(covering runs: [SortedRun], attributeBits: Int, isWide: Bool = false) {
    let groupUnion = runs.reduce(0) { $0 | $1.groupUnion }
    let itemUnion = runs.reduce(0) { $0 | $1.itemUnion }
    self.init(
      groupBits: 64 - groupUnion.leadingZeroBitCount,
      itemBits: 64 - itemUnion.leadingZeroBitCount, attributeBits: attributeBits, countBits: 4)
    if !isWide { prefixBits = min(groupBits, max(0, groupBits + itemBits + lowBits - 64)) }
  }
}
