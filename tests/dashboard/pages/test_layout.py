"""The layout menu at the end of the transport."""

from __future__ import annotations


def test_the_layout_menu_opens_below_one_button(open_page):
    page = open_page()
    menus = [block for block in page.get("popover") if block.proto.popover.label == "View"]
    (menu,) = menus
    assert [each.label for each in menu.get("button_group")] == ["Layout", "Panels of the custom layout"]
    assert [each.label for each in menu.get("expander")] == ["Keys"]
    keys = "".join(each.value for each in menu.markdown)
    for key in ("Space", "PageDown", "PageUp", "Esc"):
        assert f"`{key}`" in keys
