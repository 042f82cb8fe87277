namespace IppPrinter.Ipp;

/// <summary>Attributes of one operation, job or printer, in their order.</summary>
internal sealed class IppGroup(IppTag tag)
{
    private readonly List<IppAttribute> _attributes = [];

    public IppTag Tag => tag;

    public IReadOnlyList<IppAttribute> Attributes => _attributes;

    public IppAttribute? this[string name] => _attributes.Find(attribute => attribute.Name == name);

    public IppGroup Add(string name, params IReadOnlyList<IppValue> values)
    {
        _attributes.Add(new(name, values));
        return this;
    }

    public IppGroup Add(IEnumerable<IppAttribute> attributes)
    {
        _attributes.AddRange(attributes);
        return this;
    }
}
