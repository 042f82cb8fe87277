using System.Text;

namespace KestrelTlsUpgrade.Tool;

/// <summary>Removes trailing blanks from lines. Tables produce them, and they are unwanted in files.</summary>
internal sealed class TrimmingWriter(TextWriter inner) : TextWriter
{
    private int _blanks;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        if (value == ' ')
        {
            _blanks++;
            return;
        }

        if (value is not ('\r' or '\n'))
        {
            inner.Write(new string(' ', _blanks));
        }

        _blanks = 0;
        inner.Write(value);
    }

    public override void Flush() => inner.Flush();
}
