using System.Buffers;

namespace KestrelTlsUpgrade.Tunnel.Internal.Answering;

/// <summary>
/// Checks a Proxy-Status field: a list of strings or tokens with parameters (RFC 9209 section 2, RFC 9651 section 4.2).
/// </summary>
internal ref struct ProxyStatusList
{
    private const string Digits = "0123456789";
    private const string LowerLetters = "abcdefghijklmnopqrstuvwxyz";
    private const string Letters = LowerLetters + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static readonly SearchValues<char> KeyChars = SearchValues.Create(LowerLetters + Digits + "_-.*");
    private static readonly SearchValues<char> TokenChars = SearchValues.Create(Letters + Digits + "!#$%&'*+-.^_`|~:/");
    private static readonly SearchValues<char> Base64Chars = SearchValues.Create(Letters + Digits + "+/=");

    private ReadOnlySpan<char> _rest;

    private ProxyStatusList(ReadOnlySpan<char> text) => _rest = text;

    /// <summary>Whether the text is a list with at least one member.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        var list = new ProxyStatusList(text.Trim(' '));
        while (list.TakeMember())
        {
            list._rest = list._rest.TrimStart(" \t");
            if (list._rest.IsEmpty)
            {
                return true;
            }

            if (!list.Take(','))
            {
                return false;
            }

            list._rest = list._rest.TrimStart(" \t");
        }

        return false;
    }

    private bool TakeMember()
    {
        if (!(Starts('"') ? TakeString() : TakeToken()))
        {
            return false;
        }

        while (Take(';'))
        {
            _rest = _rest.TrimStart(' ');
            if (!TakeKey() || (Take('=') && !TakeValue()))
            {
                return false;
            }
        }

        return true;
    }

    private bool TakeKey()
    {
        if (_rest is not ([>= 'a' and <= 'z', ..] or ['*', ..]))
        {
            return false;
        }

        TakeWhile(KeyChars);
        return true;
    }

    private bool TakeValue() => _rest switch
    {
        ['"', ..] => TakeString(),
        [':', ..] => TakeBytes(),
        ['?', '0' or '1', ..] => Skip(2),
        ['@', ..] => Skip(1) && TakeNumber(isWhole: true),
        ['%', '"', ..] => TakeDisplayString(),
        ['-' or (>= '0' and <= '9'), ..] => TakeNumber(isWhole: false),
        _ => TakeToken(),
    };

    private bool TakeToken()
    {
        if (_rest is [var first, ..] && (char.IsAsciiLetter(first) || first == '*'))
        {
            TakeWhile(TokenChars);
            return true;
        }

        return false;
    }

    private bool TakeString()
    {
        for (var i = 1; i < _rest.Length; i++)
        {
            switch (_rest[i])
            {
                case '"':
                    return Skip(i + 1);
                case '\\' when i + 1 < _rest.Length && _rest[i + 1] is '"' or '\\':
                    i++;
                    break;
                case '\\' or < ' ' or > '~':
                    return false;
            }
        }

        return false;
    }

    /// <summary>Percent-encoded UTF-8 in lower case.</summary>
    private bool TakeDisplayString()
    {
        var bytes = new List<byte>();
        for (var i = 2; i < _rest.Length; i++)
        {
            switch (_rest[i])
            {
                case '"':
                    return System.Text.Unicode.Utf8.IsValid(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)) && Skip(i + 1);
                case '%' when i + 2 < _rest.Length && char.IsAsciiHexDigitLower(_rest[i + 1]) && char.IsAsciiHexDigitLower(_rest[i + 2]):
                    bytes.Add(Convert.FromHexString(_rest.Slice(i + 1, 2))[0]);
                    i += 2;
                    break;
                case '%' or < ' ' or > '~':
                    return false;
                case var plain:
                    bytes.Add((byte)plain);
                    break;
            }
        }

        return false;
    }

    private bool TakeBytes()
    {
        Skip(1);
        var length = TakeWhile(Base64Chars);
        return length % 4 == 0 && Take(':');
    }

    /// <summary>At most 15 digits, or 12 and a fraction of 3.</summary>
    private bool TakeNumber(bool isWhole)
    {
        Take('-');
        var whole = TakeDigits();
        if (whole is 0 or > 15)
        {
            return false;
        }

        return isWhole || !Take('.') || (whole <= 12 && TakeDigits() is >= 1 and <= 3);
    }

    private int TakeDigits()
    {
        var count = _rest.IndexOfAnyExceptInRange('0', '9');
        count = count < 0 ? _rest.Length : count;
        Skip(count);
        return count;
    }

    private int TakeWhile(SearchValues<char> chars)
    {
        var count = _rest.IndexOfAnyExcept(chars);
        count = count < 0 ? _rest.Length : count;
        Skip(count);
        return count;
    }

    private bool Skip(int count)
    {
        _rest = _rest[count..];
        return true;
    }

    private bool Take(char character) => Starts(character) && Skip(1);

    private readonly bool Starts(char character) => !_rest.IsEmpty && _rest[0] == character;
}
