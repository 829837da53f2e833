use super::edge::Adjacency;
use super::graph::RoadGraph;

const UNSEEN: u32 = u32::MAX;

/// Marks the edges by which one can leave the largest strongly connected component and stay in it: a way leads to them
/// from all of it, and from them to all of it.
pub(super) fn main_edges(graph: &RoadGraph) -> Vec<bool> {
    let places = graph.place_count();
    let main = main_component(places, graph.ways_out());
    let is_main = |place: u32| main[place as usize];
    (0..graph.edge_count() as u32)
        .map(|edge| {
            let sides = [edge << 1, edge << 1 | 1];
            let sides = &sides[..if graph.edges[edge as usize].oneway {
                1
            } else {
                2
            }];
            sides.iter().any(|arc| is_main(graph.head(*arc)))
                && sides.iter().any(|arc| graph.tails(*arc).any(is_main))
        })
        .collect()
}

/// Marks the nodes of the largest strongly connected component (of two as large, the one found first).
///
/// Source: Tarjan 1972, without recursion. Cost: nodes + arcs.
fn main_component(nodes: usize, outgoing: &Adjacency) -> Vec<bool> {
    let mut order = vec![UNSEEN; nodes];
    let mut low = vec![0u32; nodes];
    let mut component = vec![UNSEEN; nodes];
    let mut sizes: Vec<u32> = Vec::new();
    let mut open: Vec<u32> = Vec::new();
    let mut walk: Vec<(u32, u32)> = Vec::new();
    let mut next_order = 0;
    for root in 0..nodes as u32 {
        if order[root as usize] != UNSEEN {
            continue;
        }
        walk.push((root, 0));
        while let Some((node, arc)) = walk.pop() {
            let i = node as usize;
            if arc == 0 {
                order[i] = next_order;
                low[i] = next_order;
                next_order += 1;
                open.push(node);
            }
            let arcs = outgoing.of(node);
            if let Some(next) = arcs.get(arc as usize).map(|a| a.node as usize) {
                walk.push((node, arc + 1));
                if order[next] == UNSEEN {
                    walk.push((next as u32, 0));
                } else if component[next] == UNSEEN {
                    low[i] = low[i].min(order[next]);
                }
                continue;
            }
            if low[i] == order[i] {
                let mut size = 0;
                while let Some(member) = open.pop() {
                    component[member as usize] = sizes.len() as u32;
                    size += 1;
                    if member == node {
                        break;
                    }
                }
                sizes.push(size);
            }
            if let Some((parent, _)) = walk.last() {
                let parent = *parent as usize;
                low[parent] = low[parent].min(low[i]);
            }
        }
    }
    let mut largest = 0;
    for (i, size) in sizes.iter().enumerate() {
        if *size > sizes[largest] {
            largest = i;
        }
    }
    component.iter().map(|c| *c == largest as u32).collect()
}
