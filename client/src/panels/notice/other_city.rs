use super::Notice;
use crate::i18n::Words;
use crate::net::City;
use crate::pack::Pack;
use bevy::prelude::*;
use std::sync::OnceLock;

/// Names that were compared: that of the pack, read once, and that of the city greeted last.
#[derive(Default)]
pub(super) struct Compared {
    pack: OnceLock<Option<String>>,
    greeted: String,
}

/// Says, at each greeting by another city, that the map on this machine (`--city`) is not of the city that the server
/// shows.
pub(super) fn of_other_city(
    city: Res<City>,
    pack: Option<Res<Pack>>,
    words: Res<Words>,
    mut compared: Local<Compared>,
    mut out: MessageWriter<Notice>,
) {
    let (Some(pack), Some(hello)) = (pack, &city.mirror.hello) else {
        return;
    };
    let greeted = &hello.city.name;
    if compared.greeted == *greeted {
        return;
    }
    compared.greeted.clone_from(greeted);
    let own = compared.pack.get_or_init(|| pack.city_name());
    if let Some(own) = own.as_ref().filter(|own| *own != greeted) {
        warn!("the map is that of {own}, but the server shows {greeted}");
        let text = words.f("notice.other_city", &[("map", own), ("city", greeted)]);
        out.write(Notice::new(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::panels::model::sample;
    use chengtu_engine::stream::ServerMessage;
    use std::time::Instant;

    /// The notices after a greeting by a city of this name, twice.
    fn said(name: &str) -> usize {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/nanjing");
        let mut app = App::new();
        app.add_message::<Notice>()
            .init_resource::<City>()
            .insert_resource(Words::shipped(Lang::Zh).unwrap())
            .insert_resource(Pack {
                folder: Some(folder.into()),
                ..Pack::default()
            })
            .add_systems(Update, of_other_city);
        let mut hello = sample::hello();
        hello.city.name = name.to_owned();
        let message = ServerMessage::Hello(Box::new(hello));
        let mut count = 0;
        for _ in 0..2 {
            let mut city = app.world_mut().resource_mut::<City>();
            city.take(&message, Instant::now()).unwrap();
            app.update();
            count += app
                .world_mut()
                .resource_mut::<Messages<Notice>>()
                .drain()
                .count();
        }
        count
    }

    #[test]
    fn another_city_than_the_maps_is_said_once_and_the_same_never() {
        assert_eq!(said("台北"), 1);
        assert_eq!(said("南京"), 0);
    }
}
