internal import Glibc

/// A fixed piece of memory, mapped once, from which the parts of a layout are allocated one after
/// another. It does not grow, and its pages become resident only when they are touched.
///
/// A layout is a struct of pointers whose `init(in: Arena)` allocates them. The same layout is laid
/// out three times, so that its size is written down once: in `byteCount(of:)`, to learn the minimum
/// that it needs; in an arena that only plans, to learn what it makes of a given size; and in mapped
/// memory, to work in.
///
/// Unchecked Sendable: an arena belongs to one worker at a time; the job hands it on between phases,
/// when no worker runs.
@safe package final class Arena: @unchecked Sendable {
  package let byteCount: Int
  private let base: UnsafeMutableRawPointer
  private let isMapped: Bool
  private let isMeasuring: Bool
  private var used = 0

  /// Where parts of an arena without memory are said to be. Nothing is read or written there.
  private nonisolated(unsafe) static let nowhere = UnsafeMutableRawPointer.allocate(
    byteCount: 64, alignment: 64)

  /// - Throws: `SystemError` (`mmap`) when the address space is limited.
  package init(byteCount: Int) throws(SystemError) {
    let mapped = unsafe mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
      throw SystemError("mmap", "\(byteCount) bytes of memory", .writing)
    }
    // Scattering writes to hundreds of places at once; large pages spare the address look-ups.
    // A hint: if there are none, the arena works as well.
    unsafe madvise(mapped, byteCount, MADV_HUGEPAGE)
    unsafe base = unsafe mapped
    self.byteCount = byteCount
    isMapped = true
    isMeasuring = false
  }

  /// An arena of so many bytes to plan with: it has no memory.
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

  /// The minimum that a layout needs, in bytes.
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

  /// Bytes that are not allocated yet; while measuring, the minimum that the layout can do with.
  package func rest(atLeast minimum: Int) -> Int {
    isMeasuring ? minimum : byteCount - used
  }

  /// The next `count` bytes, aligned to 64.
  ///
  /// - Precondition: they are there.
  package func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: take(count), count: count)
  }

  /// The next `capacity` values of a type, aligned to 64 bytes, not initialised.
  ///
  /// - Precondition: they are there.
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

  /// Forgets all parts, for the next phase. Parts allocated before must not be used any more.
  package func reset() {
    used = 0
  }
}
