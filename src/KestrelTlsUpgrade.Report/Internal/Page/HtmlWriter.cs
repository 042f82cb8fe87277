using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>Writes HTML. Literals in the code and files of this project are markup; a value in a hole is always escaped as text.</summary>
internal sealed class HtmlWriter
{
    private readonly StringBuilder _html = new(capacity: 64 * 1024);

#pragma warning disable CA1822 // The handler has already written to this instance.
    public void Write([InterpolatedStringHandlerArgument("")] Markup markup) => _ = markup;
#pragma warning restore CA1822

    /// <summary>Writes a file of this project as it is.</summary>
    public void Write(PageAsset asset) => _html.Append(asset.Text);

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_html.ToString());

    public override string ToString() => _html.ToString();

    /// <summary>The parts of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        private readonly StringBuilder _html;

#pragma warning disable IDE0060 // The compiler passes them.
        public Markup(int literalLength, int formattedCount, HtmlWriter writer) => _html = writer._html;
#pragma warning restore IDE0060

        public void AppendLiteral(string markup) => _html.Append(markup);

        public void AppendFormatted(string? text) => _html.Append(HtmlEncoder.Default.Encode(text ?? ""));

        /// <summary>A number for people, with its thousands set apart.</summary>
        public void AppendFormatted(long number) => _html.Append(CultureInfo.InvariantCulture, $"{number:N0}");

        public void AppendFormatted<T>(T value, string format)
            where T : IFormattable =>
            AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));
    }
}
