internal import Glibc

/// Draws random rows that resemble those of a music service.
///
/// Nothing is kept per user or per song. A user's activity, country and favorites are computed from
/// the id.
///
/// Time: about 20 ns per row. Memory: 64 KiB.
struct ListenerModel: Sendable {
  struct Row {
    var song: UInt64
    var user: UInt64
    /// An index into `CountryWeights.codes`.
    var country: Int
  }

  /// The number of bits in a song id.
  private static let songIDBits: UInt64 = 31
  /// The maximum wide ids, with 33 and 32 bits. Services with a long history have such ids.
  private static let maxWideUser: UInt64 = 6_500_000_000
  private static let maxWideSong: UInt64 = 3_600_000_000
  /// The minimum number of a user's favorites. A user has up to 31 more.
  private static let minFavorites = 6
  /// One row in this many is streamed from a random country.
  private static let travelInterval: UInt64 = 64

  private let seed: UInt64
  private let users: UInt64
  private let userStride: UInt64
  private let songs: UInt64
  private let songOctaves: Double
  private let hasWideIDs: Bool
  /// The countries by weight, one per value of 16 random bits.
  private let countryWheel: [UInt8]

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
    self.countryWheel = CountryWeights.wheel(slots: 1 << 16)
  }

  /// Draws the next row.
  func nextRow(from random: inout RandomStream) -> Row {
    let user = user(random.next())
    let habits = splitMix(seed ^ user)
    // The upper 53 bits select the song. The lower 11 decide whether it is a favorite, and whether
    // the user travels.
    let draw = random.next()
    let song =
      if draw & 1 == 0 {
        song(favorite(of: habits, draw))
      } else {
        song(draw)
      }
    let country =
      if (draw >> 1) % Self.travelInterval == 0 {
        Int(random.next() % UInt64(CountryWeights.codes.count))
      } else {
        Int(countryWheel[Int(habits >> 48)])
      }
    return hasWideIDs
      ? Row(song: wideSong(song), user: wideUser(user), country: country)
      : Row(song: song, user: user, country: country)
  }

  /// The user of a row. The square skews activity, so that the busiest 1 % of users have 10 % of
  /// the rows.
  private func user(_ draw: UInt64) -> UInt64 {
    let unit = unitInterval(draw)
    let rank = min(UInt64(unit * unit * Double(users)), users - 1)
    return 1 + rank &* userStride % users
  }

  /// Moves an id in 1 … `users` to a random place in its own interval.
  private func wideUser(_ id: UInt64) -> UInt64 {
    let interval = Self.maxWideUser / users
    return (id - 1) * interval + 1 + splitMix(seed ^ id) % interval
  }

  /// Spreads an id of 31 bits. The factor is above 1, so different ids stay different.
  private func wideSong(_ id: UInt64) -> UInt64 {
    (id * Self.maxWideSong) >> Self.songIDBits
  }

  /// A random word that gives one of the user's favorites. The first favorites are drawn more
  /// often.
  private func favorite(of habits: UInt64, _ draw: UInt64) -> UInt64 {
    let unit = unitInterval(draw)
    let favorites = Self.minFavorites + Int(habits & 31)
    return splitMix(habits, step: 1 + UInt64(unit * unit * Double(favorites)))
  }

  /// A song whose rank is Zipf-like with exponent 1: P(rank k) = log((k + 1) / k) / log(songs + 1).
  /// By inversion, the rank is 2 to the power of a uniform number of octaves.
  private func song(_ draw: UInt64) -> UInt64 {
    let octaves = unitInterval(draw) * songOctaves
    let whole = Int(octaves)
    let part = octaves - Double(whole)
    // A cubic within 0.02 % of 2^part, because the last bit of `exp2` may differ between machines.
    let mantissa = 1 + part * (0.695_556_856 + part * (0.226_173_572 + part * 0.078_024_523))
    let rank = UInt64(mantissa * Double(UInt64(1) << UInt64(whole)))
    return songID(rank: min(rank, songs) - 1)
  }

  /// Scatters ranks over the 31-bit ids. It is a bijection, because odd multiplications and
  /// xor-shifts are invertible.
  private func songID(rank: UInt64) -> UInt64 {
    let mask = (UInt64(1) << Self.songIDBits) - 1
    var id = (rank &* 0x9e37_79b1 &+ seed) & mask
    id ^= id >> 15
    id = id &* 0x85eb_ca6b & mask
    id ^= id >> 13
    id = id &* 0xc2b2_ae35 & mask
    return id ^ id >> 16
  }

  /// A number near `count` times 0.618 that is coprime to `count`, so that its multiples visit
  /// every residue.
  private static func stride(coprimeTo count: UInt64) -> UInt64 {
    func divisor(_ left: UInt64, _ right: UInt64) -> UInt64 {
      right == 0 ? left : divisor(right, left % right)
    }
    var step = UInt64(Double(count) * 0.618_033_988_75) | 1
    while divisor(step, count) != 1 { step += 2 }
    return step
  }
}
