# networkx asks entry points for backends, and reads its graph atlas from a packed file of its own.
import networkx as nx
from networkx.generators.atlas import graph_atlas


def handler(event, context):
    club = nx.karate_club_graph()
    return {"path": nx.shortest_path(club, 0, 33), "atlas": sorted(graph_atlas(200).edges()),
            "communities": [sorted(group) for group in nx.community.greedy_modularity_communities(club)],
            "gml": "\n".join(nx.generate_gml(nx.path_graph(3))), "backends": sorted(nx.config.backends)}
