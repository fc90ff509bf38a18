"""Draws the packing that `pack.py` comes to: `python draw.py > circles.svg`."""

from pack import pack

SIDE = 400


def picture(circles):
    """An SVG that stands alone, with the sum of the radii below."""
    drawn = "".join(
        f'<circle cx="{SIDE * x:.2f}" cy="{SIDE * (1 - y):.2f}" r="{SIDE * radius:.2f}"/>' for x, y, radius in circles
    )
    total = sum(radius for _, _, radius in circles)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 {SIDE + 20} {SIDE + 44}" role="img">'
        f"<title>{len(circles)} circles whose radii add up to {total:.7f}</title>"
        f'<rect x="-10" y="-10" width="{SIDE + 20}" height="{SIDE + 44}" fill="#fff"/>'
        f'<g fill="#cfe0ff" stroke="#2f5fd0"><rect width="{SIDE}" height="{SIDE}" fill="none"/>{drawn}</g>'
        f'<text x="{SIDE / 2}" y="{SIDE + 24}" text-anchor="middle" font-family="sans-serif">{total:.7f}</text></svg>'
    )


if __name__ == "__main__":
    print(picture(pack()["START"]))
