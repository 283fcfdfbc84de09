# Code from before importlib.metadata: pkg_resources finds versions, entry points and data files, distutils compares.
import distutils.version

import pkg_resources
import zope.interface


class Named(zope.interface.Interface):
    name = zope.interface.Attribute("what it is called")


@zope.interface.implementer(Named)
class Person:
    name = "Ada"


def handler(event, context):
    return {"version": pkg_resources.get_distribution("zope.interface").project_name,
            "text": pkg_resources.resource_string(__name__, "data/greeting.txt").decode(),
            "newer": distutils.version.LooseVersion("1.10") > distutils.version.LooseVersion("1.9"),
            "commands": len(list(pkg_resources.iter_entry_points("distutils.commands"))),
            "named": Named.providedBy(Person()), "requires": str(pkg_resources.Requirement.parse("a>=1"))}
