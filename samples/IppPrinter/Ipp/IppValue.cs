using System.Diagnostics;

namespace IppPrinter.Ipp;

/// <summary>One value of an attribute: a type and, unless the type says that there is none, its content.</summary>
/// <remarks>
/// <para>The content is, by type:</para>
/// <list type="bullet">
/// <item>integer and enum: <see cref="int"/></item>
/// <item>boolean: <see cref="bool"/></item>
/// <item>dateTime: <see cref="DateTimeOffset"/></item>
/// <item>resolution: <see cref="IppResolution"/></item>
/// <item>rangeOfInteger: <see cref="IppRange"/></item>
/// <item>collection: the members, a list of <see cref="IppAttribute"/></item>
/// <item>text and name with a language: <see cref="IppLocalizedText"/></item>
/// <item>all other kinds of text: <see cref="string"/></item>
/// <item>unsupported, unknown and no-value: nothing</item>
/// <item>anything else: an array of <see cref="byte"/></item>
/// </list>
/// </remarks>
internal sealed class IppValue
{
    private IppValue(IppTag tag, object? content) => (Tag, Content) = (tag, content);

    public IppTag Tag { get; }

    public object? Content { get; }

    public static IppValue NoValue { get; } = new(IppTag.NoValue, null);

    public static IppValue Integer(int value) => new(IppTag.Integer, value);

    public static IppValue Boolean(bool value) => new(IppTag.Boolean, value);

    public static IppValue Enum(int value) => new(IppTag.Enum, value);

    public static IppValue DateTime(DateTimeOffset value) => new(IppTag.DateTime, value);

    public static IppValue Resolution(int dotsPerInch) =>
        new(IppTag.Resolution, new IppResolution(dotsPerInch, dotsPerInch, IppResolution.PerInch));

    public static IppValue Resolution(IppResolution value) => new(IppTag.Resolution, value);

    public static IppValue Range(int lower, int upper) => new(IppTag.RangeOfInteger, new IppRange(lower, upper));

    public static IppValue Collection(params IReadOnlyList<IppAttribute> members) => new(IppTag.Collection, members);

    public static IppValue Localized(IppTag tag, IppLocalizedText value)
    {
        Debug.Assert(tag is IppTag.TextWithLanguage or IppTag.NameWithLanguage);
        return new(tag, value);
    }

    public static IppValue Octets(string value) => new(IppTag.OctetString, System.Text.Encoding.UTF8.GetBytes(value));

    public static IppValue Text(string value) => new(IppTag.Text, value);

    public static IppValue Name(string value) => new(IppTag.Name, value);

    public static IppValue Keyword(string value) => new(IppTag.Keyword, value);

    public static IppValue Uri(string value) => new(IppTag.Uri, value);

    public static IppValue Charset(string value) => new(IppTag.Charset, value);

    public static IppValue NaturalLanguage(string value) => new(IppTag.NaturalLanguage, value);

    public static IppValue MimeMediaType(string value) => new(IppTag.MimeMediaType, value);

    /// <summary>Any kind of text.</summary>
    public static IppValue Characters(IppTag tag, string value) => new(tag, value);

    /// <summary>A value of a type that nobody here knows, or one without content.</summary>
    public static IppValue Opaque(IppTag tag, byte[]? value) => new(tag, value);
}
