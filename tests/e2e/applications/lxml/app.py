# XPath, CSS selectors, XSLT, and Schematron, whose stylesheets are files of lxml's.
from lxml import etree, html, isoschematron, objectify

SHEET = etree.XSLT(etree.XML("""<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><out><xsl:value-of select="count(//item)"/></out></xsl:template></xsl:stylesheet>"""))
RULES = isoschematron.Schematron(etree.XML("""<schema xmlns="http://purl.oclc.org/dsdl/schematron"><pattern>
  <rule context="item"><assert test="@id">no id</assert></rule></pattern></schema>"""))


def handler(event, context):
    tree = etree.XML(event["xml"])
    page = html.fromstring("<div><p class='a'>one<p>two</div>")
    return {"items": tree.xpath("//item/@id"), "selected": [node.text for node in page.cssselect("p.a")],
            "transformed": str(SHEET(tree)), "valid": RULES.validate(tree),
            "object": int(objectify.fromstring("<a><b>7</b></a>").b)}
