internal import Glibc

/// A fixed piece of memory, mapped once, from which the parts of a layout are allocated one after
/// another. It does not grow, and its pages become resident only when they are touched.
///
/// A layout is a struct of pointers whose `init(in: Arena)` allocates them. The same code measures,
/// plans and allocates, so that each size is written down once:
///
/// - `byteCount(of:)` computes the minimum that a layout needs;
/// - an arena made with `init(planning:)` shows what a layout makes of a given size;
/// - an arena made with `init(byteCount:)` holds the memory to work in.
///
/// Unchecked Sendable: only one worker at a time uses an arena. The job hands it over between
/// phases, when no worker runs.
@safe package final class Arena: @unchecked Sendable {
  package let byteCount: Int
  private let base: UnsafeMutableRawPointer
  private let isMapped: Bool
  private let isMeasuring: Bool
  private var used = 0

  /// The address of every part of an arena without memory. Nothing is read or written there.
  private nonisolated(unsafe) static let nowhere = UnsafeMutableRawPointer.allocate(
    byteCount: 64, alignment: 64)

  /// Maps the memory.
  ///
  /// - Throws: `SystemError` (`mmap`) if the address space is limited.
  package init(byteCount: Int) throws(SystemError) {
    let mapped = unsafe mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
      throw SystemError("mmap", "\(byteCount) bytes of memory", .writing)
    }
    // The radix sort writes to hundreds of places at once, and large pages save address look-ups.
    // It is a hint, so a failure does not matter.
    unsafe madvise(mapped, byteCount, MADV_HUGEPAGE)
    unsafe base = unsafe mapped
    self.byteCount = byteCount
    isMapped = true
    isMeasuring = false
  }

  /// Makes an arena without memory, to plan a layout of `byteCount` bytes.
  package init(planning byteCount: Int) {
    unsafe base = unsafe Self.nowhere
    self.byteCount = byteCount
    isMapped = false
    isMeasuring = false
  }

  private init() {
    unsafe base = unsafe Self.nowhere
    byteCount = .max
    isMapped = false
    isMeasuring = true
  }

  deinit {
    if isMapped { unsafe munmap(base, byteCount) }
  }

  /// The minimum number of bytes that a layout needs.
  package static func byteCount<Layout>(of layout: (Arena) -> Layout) -> Int {
    let arena = Arena()
    _ = layout(arena)
    return arena.used
  }

  /// Maps an arena of the minimum size of a layout for as long as `body` uses the layout.
  ///
  /// - Throws: `SystemError` (`mmap`), and what `body` throws.
  package static func withMemory<Layout, Result>(
    of layout: (Arena) -> Layout, _ body: (Layout) throws -> Result
  ) throws -> Result {
    let arena = try Arena(byteCount: byteCount(of: layout))
    defer { withExtendedLifetime(arena) {} }
    return try body(layout(arena))
  }

  /// The number of bytes that are not allocated yet; `minimum` while a layout is measured.
  package func rest(atLeast minimum: Int) -> Int {
    isMeasuring ? minimum : byteCount - used
  }

  /// Allocates the next `count` bytes, aligned to 64.
  ///
  /// - Precondition: `rest` has at least `count` bytes, rounded up to 64.
  package func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: take(count), count: count)
  }

  /// Allocates the next `capacity` values of a type, aligned to 64 bytes and not initialized.
  ///
  /// - Precondition: `rest` has enough bytes, rounded up to 64.
  package func allocate<Value: BitwiseCopyable>(
    _ type: Value.Type, _ capacity: Int
  ) -> UnsafeMutablePointer<Value> {
    unsafe take(capacity * MemoryLayout<Value>.stride).bindMemory(to: type, capacity: capacity)
  }

  private func take(_ count: Int) -> UnsafeMutableRawPointer {
    let rounded = (count + 63) & ~63
    precondition(count >= 0 && rounded <= byteCount - used, "the layout is larger than its arena")
    defer { used += rounded }
    return unsafe isMapped ? base + used : base
  }

  /// Frees all parts for the next phase. The old parts must not be used any more.
  package func reset() {
    used = 0
  }
}
