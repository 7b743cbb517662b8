-- Whether a relation is of private life: then it is no reason to look, but one not to. Other relations (a patient's
-- physician, a customer's account manager) are work.
CREATE OR REPLACE TEMP MACRO private_relation(relation) AS
regexp_matches(
    lower(trim(relation)),
    '^(self|own|oneself|me|family|relative|relation|kin|spouse|husband|wife|partner|ex|ex[- _](partner|spouse|husband|wife)'
    || '|parent|mother|father|child|son|daughter|sibling|brother|sister|cousin|friend|neighbou?r|household|same (address|name)'
    || '|colleague|co-?worker|manager|boss|employee|staff|vip|celebrity|public figure'
    || '|본인|가족|친척|배우자|남편|아내|부모|자녀|형제|자매|친구|이웃|동료|임직원|유명인|연예인|공인'
    || '|本人|家族|親族|親戚|配偶者|夫|妻|父|母|子|兄弟|姉妹|友人|隣人|同僚|従業員|社員|有名人|芸能人)$'
);
