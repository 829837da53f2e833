use super::item::Item;

/// The part of what came that somebody was sent to in time, 0 … 1, by what each counts; none where nothing came that can
/// be judged yet. `dispatch`: how soon somebody was sent, one item for each that came.
pub(super) fn answered(dispatch: &[Item]) -> Option<f64> {
    let all: f64 = dispatch.iter().map(|i| i.weight).sum();
    let sent = dispatch.iter().filter(|i| i.won > 0.0);
    (all > 0.0).then(|| sent.map(|i| i.weight).sum::<f64>() / all)
}

/// What is won by not doing something, as far as what came was answered: whoever sends nobody sends none too many and
/// leaves no area without a unit. Nothing where nothing came.
pub(super) fn as_far_as_answered(items: Vec<Item>, answered: Option<f64>) -> Vec<Item> {
    let Some(part) = answered else {
        return Vec::new();
    };
    let each = |item: Item| {
        if part >= 1.0 || item.won <= 0.0 {
            return item;
        }
        let percent = 100.0 * part;
        Item {
            won: item.won * part,
            text: format!("{}（只应答了 {percent:.0}%）", item.text),
            text_en: format!("{} ({percent:.0}% was answered)", item.text_en),
            ..item
        }
    };
    items.into_iter().map(each).collect()
}
