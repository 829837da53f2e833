/// Time and length of a way or a part of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    pub(super) travel_ms: u32,
    pub(super) length_cm: u32,
}

impl Cost {
    pub(super) fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            travel_ms: self.travel_ms.checked_add(other.travel_ms)?,
            length_cm: self.length_cm.saturating_add(other.length_cm),
        })
    }
}

/// A cost as one number: milliseconds above, centimetres below. It compares as the cost does.
pub(super) type Packed = u64;

/// No way at all. Beyond 49 days nothing is reachable either.
pub(super) const NO_WAY: Packed = u64::MAX;

impl Cost {
    pub(super) fn packed(self) -> Packed {
        u64::from(self.travel_ms) << 32 | u64::from(self.length_cm)
    }

    /// `None` for [`NO_WAY`].
    pub(super) fn unpacked(packed: Packed) -> Option<Self> {
        (packed != NO_WAY).then_some(Self {
            travel_ms: (packed >> 32) as u32,
            length_cm: packed as u32,
        })
    }
}

/// One way after another. A length that exceeds what can be said is held there.
#[inline]
pub(super) fn plus(a: Packed, b: Packed) -> Packed {
    let (sum, over) = a.overflowing_add(b);
    if over {
        return NO_WAY;
    }
    if (a ^ b ^ sum) & (1 << 32) != 0 {
        return ((a >> 32) + (b >> 32)) << 32 | u64::from(u32::MAX - 1);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_costs_add_and_compare_as_costs_do() {
        let cost = |travel_ms, length_cm| Cost {
            travel_ms,
            length_cm,
        };
        let most = u32::MAX;
        let some = [
            cost(0, 0),
            cost(0, 7),
            cost(5, 0),
            cost(5, most - 3),
            cost(most / 2, 9),
            cost(most - 1, most - 1),
        ];
        for a in some {
            assert_eq!(plus(a.packed(), NO_WAY), NO_WAY);
            assert_eq!(plus(NO_WAY, a.packed()), NO_WAY);
            for b in some {
                assert_eq!(a.cmp(&b), a.packed().cmp(&b.packed()));
                let held = |c: Cost| cost(c.travel_ms, c.length_cm.min(most - 1));
                let sum = Cost::unpacked(plus(a.packed(), b.packed()));
                assert_eq!(sum, a.checked_add(b).map(held), "{a:?} {b:?}");
            }
        }
    }
}
