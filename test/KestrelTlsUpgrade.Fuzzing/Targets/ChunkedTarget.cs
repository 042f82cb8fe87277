extern alias Client;
using System.Globalization;
using System.Text;
using Client::KestrelTlsUpgrade.Internal.ResponseHead;
using KestrelTlsUpgrade.Fuzzing.Input;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>The end of chunked content: found in the same place however it is cut up, and where the plainest reading has it.</summary>
internal static class ChunkedTarget
{
    private const int MaxLineLength = 4096;

    public static void Run(FuzzInput input)
    {
        var whole = new ChunkedContent();
        var taken = whole.Take(input.Wire);
        Oracle.Holds(taken == input.Wire.Length || whole.State is not ChunkedContent.Progress.More, "All is taken up to the end.");

        var cut = new ChunkedContent();
        var cutTaken = 0;
        foreach (var piece in input.Cut(input.Wire))
        {
            var count = cut.Take(piece.Span);
            cutTaken += count;
            Oracle.Holds(count == piece.Length || cut.State is not ChunkedContent.Progress.More, "All is taken up to the end.");
        }

        Oracle.Same((whole.State, taken), (cut.State, cutTaken), "Content ends in one place however it is cut up.");
        Oracle.Same(0, whole.State is ChunkedContent.Progress.More ? 0 : whole.Take(input.Wire), "Nothing is taken behind the end.");

        var (state, end) = FindEnd(Encoding.Latin1.GetString(input.Wire));
        Oracle.Same(state, whole.State, "Content is what the plainest reading has it.");
        Oracle.Holds(state is not ChunkedContent.Progress.Complete || end == taken, "Content ends where the plainest reading has it.");
    }

    /// <summary>The end of content that is there as a whole.</summary>
    public static (ChunkedContent.Progress State, int End) FindEnd(string text)
    {
        var position = 0;
        while (true)
        {
            if (ReadLine(text, ref position, out var size) is var sizeState and not ChunkedContent.Progress.Complete)
            {
                return (sizeState, position);
            }

            size = size.Split(';')[0].TrimEnd(' ', '\t');
            var digits = size.TrimStart('0');
            if (size.Length == 0 || !size.All(char.IsAsciiHexDigit) || digits.Length > 16 || (digits.Length == 16 && digits[0] > '7'))
            {
                return (ChunkedContent.Progress.Malformed, position);
            }

            if (digits.Length == 0)
            {
                break;
            }

            var length = long.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (length > text.Length - position)
            {
                return (ChunkedContent.Progress.More, text.Length);
            }

            position += (int)length;
            if (ReadLine(text, ref position, out var empty) is var state and not ChunkedContent.Progress.Complete)
            {
                return (state, position);
            }

            if (empty.Length > 0)
            {
                return (ChunkedContent.Progress.Malformed, position);
            }
        }

        while (true)
        {
            var state = ReadLine(text, ref position, out var line);
            if (state is not ChunkedContent.Progress.Complete || line.Length == 0)
            {
                return (state, position);
            }
        }
    }

    private static ChunkedContent.Progress ReadLine(string text, ref int position, out string line)
    {
        var start = position;
        var end = text.IndexOf('\n', start);
        line = "";
        if (end < 0 || end - start >= MaxLineLength)
        {
            // One more is looked at before it is too much, and a line feed there ends the line.
            var isTooLong = (end < 0 ? text.Length : end) - start > MaxLineLength;
            if (isTooLong || end < 0)
            {
                return isTooLong ? ChunkedContent.Progress.Malformed : ChunkedContent.Progress.More;
            }
        }

        position = end + 1;
        if (end == start || text[end - 1] != '\r')
        {
            return ChunkedContent.Progress.Malformed;
        }

        line = text[start..(end - 1)];
        return ChunkedContent.Progress.Complete;
    }
}
