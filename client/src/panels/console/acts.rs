use bevy::prelude::{Message, Resource, World};
use std::any::Any;

/// What panels ask for in a frame, in the order in which they ask. Everything is a message of the panel that carries
/// it out.
#[derive(Resource, Default)]
pub struct Acts {
    queue: Vec<Box<dyn Queued>>,
}

/// A message of any kind.
pub trait Queued: Send + Sync {
    /// Writes it for its readers.
    fn write(self: Box<Self>, world: &mut World);
    /// The message itself.
    fn as_any(&self) -> &dyn Any;
}

impl<M: Message> Queued for M {
    fn write(self: Box<Self>, world: &mut World) {
        world.write_message(*self);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Acts {
    /// Asks for something.
    pub fn push<M: Message>(&mut self, act: M) {
        self.queue.push(Box::new(act));
    }

    /// Asks for something of a kind that is not known here.
    pub fn push_queued(&mut self, act: Box<dyn Queued>) {
        self.queue.push(act);
    }

    /// Asks for several things.
    pub fn extend<M: Message>(&mut self, acts: impl IntoIterator<Item = M>) {
        for act in acts {
            self.push(act);
        }
    }

    /// What was asked for of one kind, in order.
    pub fn of<M: Message>(&self) -> Vec<&M> {
        let all = self.queue.iter();
        // The trait of the content, not of the box, which is a message of no kind.
        all.filter_map(|q| q.as_ref().as_any().downcast_ref())
            .collect()
    }

    /// True where nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

/// Writes every act as the message that it is. Its kind must have been added to the app.
pub fn deliver(world: &mut World) {
    let acts = std::mem::take(&mut *world.resource_mut::<Acts>());
    for act in acts.queue {
        act.write(world);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::prelude::Messages;

    #[derive(Message, Debug, PartialEq)]
    struct A(u8);
    #[derive(Message, Debug, PartialEq)]
    struct B(u8);

    #[test]
    fn every_act_reaches_its_own_readers_in_order() {
        let mut world = World::new();
        world.init_resource::<Messages<A>>();
        world.init_resource::<Messages<B>>();
        let mut acts = Acts::default();
        acts.push(A(1));
        acts.push(B(2));
        acts.extend([A(3)]);
        assert_eq!(acts.of::<A>(), [&A(1), &A(3)]);
        world.insert_resource(acts);
        deliver(&mut world);
        let mut a = world.resource_mut::<Messages<A>>();
        assert_eq!(a.drain().collect::<Vec<_>>(), [A(1), A(3)]);
        assert_eq!(world.resource::<Messages<B>>().len(), 1);
        assert!(world.resource::<Acts>().is_empty());
    }
}
