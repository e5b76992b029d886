using System.Globalization;
using System.Net;
using System.Text;

namespace Juoku.Learning.Reports;

/// <summary>
/// Writes SVG for a page that styles it: shapes carry classes, never colours, so that one drawing serves light and dark. Coordinates are
/// rounded to a tenth, a third of the bytes.
/// </summary>
internal sealed class Svg(double width, double height, string description)
{
    private readonly StringBuilder _text = new();

    public void Line(string style, double x1, double y1, double x2, double y2) =>
        _text.Append(CultureInfo.InvariantCulture, $"<line class=\"{style}\" x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\"/>");

    public void Rectangle(string style, double x, double y, double w, double h, string? title = null) =>
        _text.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(Math.Max(0, w))}\" height=\"{N(Math.Max(0, h))}\">{Title(title)}</rect>");

    public void Dot(string style, double x, double y, double radius, string? title = null) =>
        _text.Append(CultureInfo.InvariantCulture, $"<circle class=\"{style}\" cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\">{Title(title)}</circle>");

    public void Text(string style, double x, double y, string text, string anchor = "middle", double rotate = 0) =>
        _text.Append(CultureInfo.InvariantCulture, $"<text class=\"{style}\" x=\"{N(x)}\" y=\"{N(y)}\" text-anchor=\"{anchor}\"{(rotate == 0 ? "" : $" transform=\"rotate({N(rotate)} {N(x)} {N(y)})\"")}>{Escape(text)}</text>");

    /// <summary>A line through points; closed, an area.</summary>
    public void Path(string style, IEnumerable<(double X, double Y)> points, bool closed = false)
    {
        _text.Append("<path class=\"").Append(style).Append("\" d=\"");
        char command = 'M';
        foreach ((double x, double y) in points)
        {
            _text.Append(command).Append(N(x)).Append(' ').Append(N(y));
            command = 'L';
        }

        _text.Append(closed ? "Z\"/>" : "\"/>");
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {N(width)} {N(height)}\" role=\"img\" aria-label=\"{Escape(description)}\">{_text}</svg>");

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Title(string? title) => title is null ? "" : $"<title>{Escape(title)}</title>";

    private static string N(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);
}
