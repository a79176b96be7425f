internal import Glibc

/// Who listens to what, where: draws rows that resemble a music service's day.
///
/// Nothing is kept per user or per song: a user's activity, home and favourites all follow from
/// hashing the id. A row costs about 20 ns; the model holds 64 KiB.
struct ListenerModel: Sendable {
  struct Row {
    var song: UInt64
    var user: UInt64
    /// An index into `CountryWeights.codes`.
    var country: Int
  }

  /// Song ids are scattered over 31 bits.
  private static let songIDBits: UInt64 = 31
  /// The largest wide ids: of 33 and of 32 bits, as services with a long history have them.
  private static let maxWideUser: UInt64 = 6_500_000_000
  private static let maxWideSong: UInt64 = 3_600_000_000
  /// A user's favourites: at least this many songs, and up to 31 more.
  private static let fewestFavourites = 6
  /// One row in this many is streamed away from home.
  private static let travelInterval: UInt64 = 64

  private let seed: UInt64
  private let users: UInt64
  private let userStride: UInt64
  private let songs: UInt64
  private let songOctaves: Double
  private let hasWideIDs: Bool
  /// Countries by weight: a uniform draw of 16 bits picks one.
  private let homes: [UInt8]

  /// - Parameter hasWideIDs: spreads the ids of users and songs over 33 and 32 bits.
  /// - Precondition: `users` and `songs` are 1 … 2^31.
  init(users: Int, songs: Int, hasWideIDs: Bool, seed: UInt64) {
    precondition((1...1 << 31).contains(users) && (1...1 << 31).contains(songs))
    self.seed = splitMix(seed)
    self.users = UInt64(users)
    self.userStride = Self.stride(coprimeTo: UInt64(users))
    self.songs = UInt64(songs)
    self.hasWideIDs = hasWideIDs
    self.songOctaves = log2(Double(songs) + 1)
    self.homes = CountryWeights.wheel(slots: 1 << 16)
  }

  func nextRow(from random: inout RandomStream) -> Row {
    let user = user(random.next())
    let habits = splitMix(seed ^ user)
    // The upper 53 bits pick the song; the lower 11 say whether it is a favourite, and travel.
    let draw = random.next()
    let song =
      if draw & 1 == 0 {
        song(favourite(of: habits, draw))
      } else {
        song(draw)
      }
    let country =
      if (draw >> 1) % Self.travelInterval == 0 {
        Int(random.next() % UInt64(CountryWeights.codes.count))
      } else {
        Int(homes[Int(habits >> 48)])
      }
    return Row(song: song, user: user, country: country)
  }

  /// Ids 1 … users. The square skews activity: the busiest 1 % of users make 10 % of the rows.
  private func user(_ draw: UInt64) -> UInt64 {
    let unit = unitInterval(draw)
    let rank = min(UInt64(unit * unit * Double(users)), users - 1)
    let id = 1 + rank &* userStride % users
    if !hasWideIDs { return id }
    // Each user's id is somewhere in an interval of its own.
    let interval = Self.maxWideUser / users
    return (id - 1) * interval + 1 + splitMix(seed ^ id) % interval
  }

  /// The word from which one of a user's favourites follows; the first ones are drawn more often.
  private func favourite(of habits: UInt64, _ draw: UInt64) -> UInt64 {
    let unit = unitInterval(draw)
    let favourites = Self.fewestFavourites + Int(habits & 31)
    return splitMix(habits, step: 1 + UInt64(unit * unit * Double(favourites)))
  }

  /// A song whose rank is Zipf-like with exponent 1: P(rank k) = log((k + 1) / k) / log(songs + 1),
  /// by inversion, as 2 to a uniform number of octaves.
  private func song(_ draw: UInt64) -> UInt64 {
    let octaves = unitInterval(draw) * songOctaves
    let whole = Int(octaves)
    let part = octaves - Double(whole)
    // A cubic within 0.02 % of 2^part: a library's exp2 may differ in its last bit by machine.
    let mantissa = 1 + part * (0.695_556_856 + part * (0.226_173_572 + part * 0.078_024_523))
    let rank = UInt64(mantissa * Double(UInt64(1) << UInt64(whole)))
    let id = songID(rank: min(rank, songs) - 1)
    // A factor above 1 keeps different ids different.
    return hasWideIDs ? id * Self.maxWideSong >> Self.songIDBits : id
  }

  /// A bijection of 31-bit numbers: odd multiplications and xor-shifts, each invertible.
  private func songID(rank: UInt64) -> UInt64 {
    let mask = (UInt64(1) << Self.songIDBits) - 1
    var id = (rank &* 0x9e37_79b1 &+ seed) & mask
    id ^= id >> 15
    id = id &* 0x85eb_ca6b & mask
    id ^= id >> 13
    id = id &* 0xc2b2_ae35 & mask
    return id ^ id >> 16
  }

  /// A step near the golden ratio of `count` that visits every residue.
  private static func stride(coprimeTo count: UInt64) -> UInt64 {
    func divisor(_ left: UInt64, _ right: UInt64) -> UInt64 {
      right == 0 ? left : divisor(right, left % right)
    }
    var step = UInt64(Double(count) * 0.618_033_988_75) | 1
    while divisor(step, count) != 1 { step += 2 }
    return step
  }
}
