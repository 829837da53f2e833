//! Long lists that grow by an eighth instead of doubling: a city's movers are counted in bytes each.

/// Appends to a list, leaving at most an eighth of it unused.
pub(crate) fn push<T>(list: &mut Vec<T>, item: T) {
    room_for(list, list.len() + 1);
    list.push(item);
}

/// Makes a list at least `length` long, filled with `item`.
pub(crate) fn lengthen<T: Clone>(list: &mut Vec<T>, length: usize, item: T) {
    if length > list.len() {
        room_for(list, length);
        list.resize(length, item);
    }
}

fn room_for<T>(list: &mut Vec<T>, length: usize) {
    if length > list.capacity() {
        list.reserve_exact(length + length / 8 + 16 - list.len());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn little_stays_unused() {
        let mut list = Vec::new();
        for i in 0..100_000 {
            super::push(&mut list, i);
        }
        assert!(
            list.capacity() <= 100_000 * 9 / 8 + 32,
            "{}",
            list.capacity()
        );
        super::lengthen(&mut list, 10, 0);
        assert_eq!(list.len(), 100_000);
    }
}
